"""Make the ROOT files of this folder with real ROOT: ``python make.py`` where PyROOT can be imported."""

from __future__ import annotations

import os
from pathlib import Path

import ROOT

ROOT.gROOT.SetBatch(True)
ROOT.gInterpreter.Declare(r"""
#include <cstring>
#include <string>
#include <vector>
#include "ROOT/RNTupleModel.hxx"
#include "ROOT/RNTupleWriter.hxx"
#include "TClonesArray.h"
#include "TF1.h"
#include "TFile.h"
#include "TH1.h"
#include "TH2.h"
#include "TH3.h"
#include "TList.h"
#include "TLorentzVector.h"
#include "TNamed.h"
#include "TNtuple.h"
#include "TParameter.h"
#include "TProfile.h"
#include "TProfile2D.h"
#include "TRandom3.h"
#include "TRef.h"
#include "TTree.h"

struct Two { float a; int b; };

void fill(TTree &tree, TRandom3 &random, int entries) {
   int run = 0, event = 0, n = 0;
   float array[5];
   char text[16];
   Two two;
   std::string standard;
   std::vector<float> many;
   std::vector<bool> flags;
   TLorentzVector momentum;
   tree.Branch("run", &run, "run/I");
   tree.Branch("event", &event, "event/I");
   tree.Branch("n", &n, "n/I");
   tree.Branch("array", array, "array[n]/F");
   tree.Branch("text", text, "text/C");
   tree.Branch("two", &two, "a/F:b/I");
   tree.Branch("standard", &standard);
   tree.Branch("many", &many);
   tree.Branch("flags", &flags);
   tree.Branch("momentum", &momentum);
   for (int k = 0; k < entries; ++k) {
      run = 1000 + k; event = k; n = random.Integer(5);
      for (int i = 0; i < n; ++i) array[i] = random.Gaus();
      snprintf(text, 16, "%.*s", int(random.Integer(12)), "abcdefghijklmnop");
      standard = text;
      two.a = random.Rndm(); two.b = -k;
      many.assign(random.Integer(4), random.Gaus());
      flags.assign(many.size(), k % 2);
      momentum.SetPxPyPzE(random.Gaus(), 0, 0, k);
      tree.Fill();
   }
   tree.ResetBranchAddresses();
}

void histograms(TRandom3 &random) {
   TH1F simple("simple", "contents only;x [GeV];events", 10, 0, 1);
   TH1F weighted("weighted", "with errors", 10, 0, 1);
   TH1D labelled("labelled", "cut flow", 3, 0, 3);
   TH1I whole("whole", "whole numbers", 4, 0, 4);
   double edges[] = {0, 1, 3, 10};
   TH2F plane("plane", "two dimensions", 3, edges, 2, 0, 1);
   TH3D space("space", "three", 2, 0, 1, 2, 0, 1, 2, 0, 1);
   TProfile profile("profile", "means", 5, 0, 1, "s");
   TProfile2D profile2("profile2", "means in a plane", 2, 0, 1, 2, 0, 1);
   weighted.Sumw2();
   for (int bin = 1; bin < 4; ++bin) labelled.GetXaxis()->SetBinLabel(bin, Form("cut %d", bin));
   for (int k = 0; k < 200; ++k) {
      double x = random.Rndm() * 1.1, y = random.Rndm();
      simple.Fill(x); weighted.Fill(x, y); labelled.Fill(3 * y); whole.Fill(4 * y);
      plane.Fill(9 * x, y, 0.3); space.Fill(x, y, random.Rndm());
      profile.Fill(x, y, 0.7); profile2.Fill(x, y, random.Gaus());
   }
   TF1 line("line", "[0]+[1]*x", 0, 1);
   line.SetParameters(1, 2);
   simple.GetListOfFunctions()->Add(line.Clone("line"));
   for (TH1 *h : std::vector<TH1 *>{
      &simple, &weighted, &labelled, &whole, &plane, &space, &profile, &profile2}) h->Write();
}

// Two trees, histograms, other objects, directories in directories.
void contents(const char *path, int compression, int seed, int entries) {
   TFile file(path, "RECREATE", "all sorts", compression);
   TRandom3 random(seed);
   TTree mini("mini", "the tree");
   mini.SetAutoFlush(25);
   fill(mini, random, entries);
   mini.SetAlias("twice", "2*n");
   mini.GetUserInfo()->Add(new TParameter<double>("luminosity", 1.5));
   mini.GetUserInfo()->Add(new TNamed("who", "a test"));
   mini.BuildIndex("run", "event");
   mini.Write();
   histograms(random);
   TNamed("config", "key=value").Write();
   TParameter<double>("number", 42).Write();
   TDirectory *outer = file.mkdir("outer", "a directory");
   outer->cd();
   TNtuple ntuple("ntuple", "numbers", "x:y:z");
   for (int k = 0; k < entries; ++k) ntuple.Fill(random.Rndm(), k, -k);
   ntuple.Write();
   outer->mkdir("inner")->cd();
   TTree deep("mini", "a deep tree");
   fill(deep, random, 3);
   deep.Write();
   TH1F inside("inside", "a deep histogram", 5, 0, 5);
   inside.Fill(random.Integer(5));
   inside.Write();
}

void simple_tree(const char *path, const char *name, const char *what, int entries) {
   TFile file(path, "RECREATE", "", 101);
   TTree tree(name, what);
   float x = 0;
   double d = 0;
   std::vector<float> floats(2);
   std::vector<double> doubles(2);
   tree.Branch("run", &x, "run/F");
   std::string kind(what);
   if (kind == "double leaf") tree.Branch("x", &d, "x/D"); else tree.Branch("x", &x, "x/F");
   if (kind == "double vector") tree.Branch("many", &doubles);
   else if (kind != "missing") tree.Branch("many", &floats);
   if (kind == "extra") tree.Branch("more", &x, "more/F");
   TTree other("other", "a friend");
   if (kind == "friend") tree.AddFriend("other", "elsewhere.root");
   for (int k = 0; k < entries; ++k) { x = d = k; floats.assign(k % 3, k); doubles.assign(k % 3, k); tree.Fill(); }
   if (kind == "fewer") { tree.GetBranch("x")->Fill(); }
   tree.Write();
}

void histogram(const char *path, const char *kind_name) {
   TFile file(path, "RECREATE", "", 101);
   std::string kind(kind_name);
   TH1 *h = nullptr;
   if (kind == "class") h = new TH1D("h", "", 10, 0, 1);
   else if (kind == "axis") h = new TH1F("h", "", 10, 0, 2);
   else if (kind == "buffer") h = new TH1F("h", "", 10, 0, 0);
   else h = new TH1F("h", "", 10, 0, 1);
   if (kind == "labels") for (int bin = 1; bin < 11; ++bin) h->GetXaxis()->SetBinLabel(bin, Form("b%d", bin));
   if (kind == "average") h->SetBit(TH1::kIsAverage);
   if (kind == "errors") h->Sumw2();
   if (kind == "set") h->SetBinContent(3, 7); else { h->Fill(0.25); h->Fill(0.35); }
   h->Write();
}

void references(const char *path) {
   TFile file(path, "RECREATE", "", 101);
   TNamed named("named", "referred to");
   TRef *reference = new TRef(&named);
   TTree tree("mini", "with a TRef");
   tree.Branch("reference", &reference);
   tree.Fill();
   tree.Write();
   named.Write();
}

void clones(const char *path) {
   TFile file(path, "RECREATE", "", 101);
   TTree tree("mini", "split objects");
   tree.SetAutoFlush(10);
   TClonesArray array("TLorentzVector", 5);
   TLorentzVector one;
   TClonesArray *pointer = &array;
   tree.Branch("array", &pointer, 32000, 99);
   tree.Branch("one.", "TLorentzVector", &one, 32000, 99);
   for (int k = 0; k < 25; ++k) {
      array.Clear();
      for (int i = 0; i < k % 4; ++i) new (array[i]) TLorentzVector(k, i, 0, 1);
      one.SetPxPyPzE(k, 1, 2, 3);
      tree.Fill();
   }
   tree.Write();
}

// What readers of streamer infos stumble over (a std::string as a member, an array as a base class), and a long name.
struct Named { int number; std::string name; };

void odd(const char *path) {
   TFile file(path, "RECREATE", "a title", 101);
   TTree tree("mini", "an object in one piece");
   Named named{};
   Named *pointer = &named;
   tree.Branch("named", &pointer, 32000, 0);
   float x = 0;
   tree.Branch("x", &x, "x/F");
   for (int k = 0; k < 5; ++k) { x = named.number = k; named.name.assign(k, 'n'); tree.Fill(); }
   TH1F *kept = new TH1F("kept", "a histogram", 2, 0, 1);
   kept->SetDirectory(nullptr);
   tree.GetUserInfo()->Add(kept);
   tree.Write();
}

void one_name(const char *path) {
   TFile file(path, "RECREATE", "", 101);
   TDirectory *folder = file.mkdir("same");
   folder->cd();
   TNtuple("numbers", "", "x").Write();
   folder->Write();
   file.cd();
   TH1F("same", "", 2, 0, 1).Write();
}

void profile(const char *path, double weight) {
   TFile file(path, "RECREATE", "", 101);
   TProfile h("h", "", 2, 0, 1);
   h.Fill(0.5, 1, weight);
   h.Write();
}

void rntuple(const char *path) {
   auto model = ROOT::RNTupleModel::Create();
   auto x = model->MakeField<float>("x");
   auto writer = ROOT::RNTupleWriter::Recreate(std::move(model), "mini", path);
   *x = 1; writer->Fill();
}
""")


def main() -> None:
    """Write every file anew."""
    os.chdir(Path(__file__).resolve().parent)  # files keep the path that they were made with
    ROOT.contents("contents.root", 101, 1, 60)
    ROOT.contents("contents_other.root", 404, 2, 35)
    for what in ("same", "double leaf", "double vector", "missing", "extra", "friend", "fewer"):
        ROOT.simple_tree(f"tree_{what.replace(' ', '_')}.root", "mini", what, 10)
    ROOT.simple_tree("tree_name.root", "other", "same", 10)
    for kind in ("same", "class", "axis", "labels", "buffer", "average", "errors", "set"):
        ROOT.histogram(f"histogram_{kind}.root", kind)
    ROOT.references("references.root")
    ROOT.clones("clones.root")
    ROOT.rntuple("rntuple.root")
    ROOT.odd("./" * 130 + "odd.root")
    ROOT.one_name("one_name.root")
    ROOT.profile("profile.root", 1)
    ROOT.profile("profile_weighted.root", 0.5)


if __name__ == "__main__":
    main()
