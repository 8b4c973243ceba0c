// The trees, histograms and oddities of make.py.
#include <cstdlib>
#include <limits>
#include <string>
#include <tuple>
#include <vector>
#include "ROOT/TIOFeatures.hxx"
#include "TDirectory.h"
#include "TFile.h"
#include "TFree.h"
#include "TLorentzVector.h"
#include "TNamed.h"
#include "TF1.h"
#include "TH1.h"
#include "TH2.h"
#include "TProfile.h"
#include "TRandom3.h"
#include "TTree.h"

template <typename T> struct Item {
   T value = T();
   std::vector<T> many;
   void attach(TTree &tree, const char *name, const char *leaf, int size) {
      if (leaf[0]) tree.Branch(Form("%s_one", name), static_cast<void *>(&value), Form("%s_one/%s", name, leaf), size);
      tree.Branch(Form("%s_many", name), &many, size);
   }
   T draw(TRandom3 &random) {
      using Limits = std::numeric_limits<T>;
      if (random.Rndm() < 0.1) return random.Rndm() < 0.5 ? Limits::max() : Limits::lowest();
      return static_cast<T>(random.Uniform(0, 100));
   }
   void next(TRandom3 &random, int count) {
      value = draw(random);
      many.clear();
      for (int i = 0; i < count; ++i) many.push_back(draw(random));
   }
};
template <> bool Item<bool>::draw(TRandom3 &random) { return random.Rndm() < 0.5; }

struct Everything {
   Item<Float_t> F; Item<Double_t> D; Item<Int_t> I; Item<UInt_t> i; Item<Long64_t> L; Item<ULong64_t> l;
   Item<Short_t> S; Item<UShort_t> s; Item<Char_t> B; Item<UChar_t> b; Item<Bool_t> O; Item<Long_t> G; Item<ULong_t> g;
   TRandom3 random{7};
   void attach(TTree &tree, int size) {
      F.attach(tree, "F", "F", size); D.attach(tree, "D", "D", size); I.attach(tree, "I", "I", size);
      i.attach(tree, "ui", "i", size); L.attach(tree, "L", "L", size); l.attach(tree, "ul", "l", size);
      S.attach(tree, "S", "S", size); s.attach(tree, "us", "s", size); B.attach(tree, "B", "B", size);
      b.attach(tree, "ub", "b", size); O.attach(tree, "O", "O", size);
      G.attach(tree, "G", "G", size); g.attach(tree, "ug", "g", size);
   }
   void fill(TTree &tree, int entries) {
      for (int n = 0; n < entries; ++n) {
         int count = random.Rndm() < 0.3 ? 0 : random.Integer(6);
         F.next(random, count); D.next(random, random.Integer(3)); I.next(random, count); i.next(random, count);
         L.next(random, count); l.next(random, count); S.next(random, count); s.next(random, count);
         B.next(random, count); b.next(random, count); O.next(random, count);
         G.next(random, count); g.next(random, count);
         tree.Fill();
      }
   }
};

struct Two { float a; int b; };

template <typename T> struct Counted {
   T values[8] = {};
   void attach(TTree &tree, const char *name, const char *leaf, const char *counter, int size) {
      tree.Branch(name, static_cast<void *>(values), Form("%s[%s]/%s", name, counter, leaf), size);
   }
   void next(TRandom3 &random, int count) {
      Item<T> item;
      for (int i = 0; i < count; ++i) values[i] = item.draw(random);
   }
};

// Arrays of all types, counted by other branches.
struct Arrays {
   Int_t n = 0;
   UInt_t few = 0;
   Counted<Float_t> F, few_F; Counted<Double_t> D; Counted<Int_t> I; Counted<UInt_t> i; Counted<Long64_t> L;
   Counted<ULong64_t> l; Counted<Short_t> S; Counted<UShort_t> s; Counted<Char_t> B; Counted<UChar_t> b;
   Counted<Bool_t> O, few_O;
   TRandom3 random{11};
   void attach(TTree &tree, int size) {
      tree.Branch("n", &n, "n/I", size);
      tree.Branch("few", &few, "few/i", size);
      F.attach(tree, "F", "F", "n", size); D.attach(tree, "D", "D", "n", size); I.attach(tree, "I", "I", "n", size);
      i.attach(tree, "ui", "i", "n", size); L.attach(tree, "L", "L", "n", size); l.attach(tree, "ul", "l", "n", size);
      S.attach(tree, "S", "S", "n", size); s.attach(tree, "us", "s", "n", size); B.attach(tree, "B", "B", "n", size);
      b.attach(tree, "ub", "b", "n", size); O.attach(tree, "O", "O", "n", size);
      few_F.attach(tree, "few_F", "F", "few", size); few_O.attach(tree, "few_O", "O", "few", size);
   }
   void fill(TTree &tree, int entries) {
      for (int k = 0; k < entries; ++k) {
         n = random.Rndm() < 0.3 ? 0 : random.Integer(8);
         few = random.Integer(3);
         F.next(random, n); D.next(random, n); I.next(random, n); i.next(random, n); L.next(random, n);
         l.next(random, n); S.next(random, n); s.next(random, n); B.next(random, n); b.next(random, n);
         O.next(random, n); few_F.next(random, few); few_O.next(random, few);
         tree.Fill();
      }
   }
};

// Baskets are in the file; or the last of each branch, or all, in the branches.
enum Place { kFile, kHalfInside, kInside };
void counted(const char *path, int compression, int entries, int cluster, int size, Place place) {
   TFile file(path, "RECREATE", "", compression);
   TTree tree("mini", "counted arrays");
   if (place == kInside) tree.SetDirectory(nullptr);
   tree.SetAutoFlush(cluster);
   Arrays all;
   all.attach(tree, size);
   all.fill(tree, entries);
   if (place == kHalfInside) tree.SetDirectory(nullptr);
   if (place == kFile) file.Write(); else file.WriteTObject(&tree);
}

// The branches in the order in which ROOT then lists the classes of their leaves as our writer does.
void reference(const char *path, int entries) {
   TFile file(path, "RECREATE", "", 101);
   TTree tree("mini", "of every type");
   if (entries) tree.SetAutoFlush(entries);
   Everything all;
   Arrays arrays;
   tree.Branch("I_one", &all.I.value, "I_one/I");
   tree.Branch("F_one", &all.F.value, "F_one/F");
   tree.Branch("O_one", &all.O.value, "O_one/O");
   tree.Branch("D_one", &all.D.value, "D_one/D");
   tree.Branch("L_one", &all.L.value, "L_one/L");
   tree.Branch("S_one", &all.S.value, "S_one/S");
   tree.Branch("B_one", &all.B.value, "B_one/B");
   tree.Branch("ui_one", &all.i.value, "ui_one/i");
   tree.Branch("ul_one", &all.l.value, "ul_one/l");
   tree.Branch("us_one", &all.s.value, "us_one/s");
   tree.Branch("ub_one", &all.b.value, "ub_one/b");
   arrays.attach(tree, 32000);
   tree.Branch("F_many", &all.F.many);
   tree.Branch("D_many", &all.D.many);
   tree.Branch("I_many", &all.I.many);
   tree.Branch("ui_many", &all.i.many);
   tree.Branch("L_many", &all.L.many);
   tree.Branch("ul_many", &all.l.many);
   tree.Branch("S_many", &all.S.many);
   tree.Branch("us_many", &all.s.many);
   tree.Branch("B_many", &all.B.many);
   tree.Branch("ub_many", &all.b.many);
   tree.Branch("O_many", &all.O.many);
   TRandom3 random(13);
   for (int k = 0; k < entries; ++k) {
      int count = random.Integer(4);
      all.F.next(random, count); all.D.next(random, count); all.I.next(random, count); all.i.next(random, count);
      all.L.next(random, count); all.l.next(random, count); all.S.next(random, count); all.s.next(random, count);
      all.B.next(random, count); all.b.next(random, count); all.O.next(random, count);
      arrays.fill(tree, 1);
   }
   file.Write();
}

// Columns of one collection of which one has other lengths in the second half; 100 entries to a basket.
void pairs(const char *path, int compression) {
   TFile file(path, "RECREATE", "", compression);
   TTree tree("mini", "lengths that differ");
   tree.SetAutoFlush(100);
   std::vector<float> first, other;
   std::vector<int> second;
   std::vector<bool> flag;
   tree.Branch("pair_first", &first);
   tree.Branch("pair_second", &second);
   tree.Branch("pair_other", &other);
   tree.Branch("pair_flag", &flag);
   for (int n = 0; n < 500; ++n) {
      int count = (7 * n + n / 11) % 5;
      first.assign(count, n); second.assign(count, -n); flag.assign(count, n % 2);
      other.assign(n < 250 ? count : 4 - count, 2 * n);
      tree.Fill();
   }
   file.Write();
}

void everything(const char *path, int compression, int entries, int cluster, int size) {
   TFile file(path, "RECREATE", "", compression);
   TTree tree("mini", "all types");
   Everything all;
   tree.SetAutoFlush(cluster);
   all.attach(tree, size);
   all.fill(tree, entries);
   file.Write();
}

// A tree that belongs to no directory keeps its baskets, and takes them along when it is streamed.
void embedded(const char *path, int entries, int size, bool offset_map) {
   TFile file(path, "RECREATE", "", 101);
   TTree tree("mini", "baskets inside");
   tree.SetDirectory(nullptr);
   tree.SetAutoFlush(0);
   if (offset_map) {
      ROOT::TIOFeatures features;
      features.Set(ROOT::Experimental::EIOFeatures::kGenerateOffsetMap);
      tree.SetIOFeatures(features);
   }
   Everything all;
   all.attach(tree, size);
   all.fill(tree, entries);
   file.WriteTObject(&tree);
}

// Most baskets are in the file, the last of each branch in the branch.
void half_embedded(const char *path, int compression, int entries, int size) {
   TFile file(path, "RECREATE", "", compression);
   TTree tree("mini", "last baskets inside");
   tree.SetAutoFlush(0);
   Everything all;
   all.attach(tree, size);
   all.fill(tree, entries);
   tree.SetDirectory(nullptr);
   file.WriteTObject(&tree);
}

void offset_map(const char *path) {
   TFile file(path, "RECREATE", "", 101);
   TTree tree("mini", "no tables of offsets");
   ROOT::TIOFeatures features;
   features.Set(ROOT::Experimental::EIOFeatures::kGenerateOffsetMap);
   tree.SetIOFeatures(features);
   tree.SetAutoFlush(30);
   Everything all;
   all.attach(tree, 1000);
   all.fill(tree, 60);
   file.Write();
}

void one_column(TTree &tree, int entries, int first) {
   int value;
   std::vector<float> many;
   tree.Branch("value", &value, "value/I");
   tree.Branch("many", &many);
   for (int n = 0; n < entries; ++n) {
      value = first + n;
      many.assign(n % 4, 0.5f * value);
      tree.Fill();
   }
   tree.ResetBranchAddresses();
}

template <typename H> void one_histogram(const char *name) {
   H histogram(name, Form("type %s", name), 5, -1, 4);
   histogram.SetXTitle("x [GeV]");
   histogram.SetYTitle("Events / GeV");
   for (int bin = 0; bin < 7; ++bin) histogram.SetBinContent(bin, bin * bin - 3);
   histogram.SetEntries(42);
   histogram.Write();
}

// One-dimensional histograms of every type, some much styled, and objects that are none.
void histograms(const char *path) {
   TFile file(path, "RECREATE", "", 101);
   one_histogram<TH1C>("C");
   one_histogram<TH1S>("S");
   one_histogram<TH1I>("I");
   one_histogram<TH1L>("L");
   one_histogram<TH1F>("F");
   one_histogram<TH1D>("D");
   TH1F weighted("weighted", "with squares", 4, 0, 2);
   for (int n = 0; n < 50; ++n) weighted.Fill(0.05 * n - 0.2, 0.1 * n - 1);
   weighted.Write();
   TH1D styled("styled", "", 3, 0, 3);
   for (int n = 0; n < 12; ++n) styled.Fill(n % 4);
   styled.SetLineColor(kRed);
   styled.SetOption("hist");
   double levels[] = {1, 2, 3};
   styled.SetContour(3, levels);
   styled.GetListOfFunctions()->Add(new TF1("line", "pol1", 0, 3));
   styled.GetListOfFunctions()->Add(new TNamed("note", "of the user's"));
   styled.GetXaxis()->SetBinLabel(1, "first");
   styled.Write();
   TH1F odd("odd", "no numbers", 4, 0, 4);
   odd.SetBinContent(1, std::numeric_limits<float>::quiet_NaN());
   odd.SetBinContent(2, std::numeric_limits<float>::infinity());
   odd.SetBinContent(5, -std::numeric_limits<float>::infinity());
   odd.Write();
   TH1F again("again", "first", 2, 0, 1);
   again.Write();
   again.SetTitle("second");
   again.SetBinContent(1, 7);
   again.Write();
   double edges[] = {0, 1, 3, 10};
   TH1F("unequal", "", 3, edges).Write();
   TH2F("plane", "", 2, 0, 1, 2, 0, 1).Write();
   TProfile("profile", "", 2, 0, 1).Write();
   TNamed("text", "no histogram").Write();
   file.mkdir("inner")->cd();
   TH1F("deep", "in a folder", 2, 0, 1).Write();
   file.Close();
}

void objects(const char *path) {
   TFile file(path, "RECREATE", "", 101);
   TH1F histogram("histogram", "a histogram", 10, 0, 1);
   histogram.Write();
   TTree other("other", "another tree");
   one_column(other, 7, 1000);
   other.Write();
   TTree mini("mini", "the tree");
   int value;
   std::vector<float> many;
   mini.Branch("value", &value, "value/I");
   mini.Branch("many", &many);
   for (int n = 0; n < 90; ++n) {
      value = n;
      many.assign(n % 4, 0.5f * n);
      mini.Fill();
      if (n == 29 || n == 59) mini.Write();
   }
   mini.Write();
   TNamed named("named", "a text");
   named.Write();
   TDirectory *inner = file.mkdir("inner");
   inner->cd();
   TTree deep("mini", "a tree in a folder");
   one_column(deep, 5, 5000);
   deep.Write();
   histogram.SetDirectory(nullptr);
   file.Close();
}

void no_entries(const char *path) {
   TFile file(path, "RECREATE", "", 101);
   TTree tree("mini", "no entries");
   Everything all;
   all.attach(tree, 1000);
   file.Write();
}

void mixed(const char *path) {
   TFile file(path, "RECREATE", "", 101);
   TTree tree("mini", "good branches beside others");
   int good = 0, n = 0;
   std::vector<float> good_many;
   float fixed[3], varying[5];
   char text[8];
   Two two;
   std::string standard;
   std::vector<std::string> strings;
   std::vector<std::vector<float>> nested;
   TLorentzVector momentum;
   Double32_t reduced = 0;
   tree.Branch("good", &good, "good/I");
   tree.Branch("good_many", &good_many);
   tree.Branch("fixed", fixed, "fixed[3]/F");
   tree.Branch("n", &n, "n/I");
   tree.Branch("varying", varying, "varying[n]/F");
   tree.Branch("text", text, "text/C");
   tree.Branch("two", &two, "a/F:b/I");
   tree.Branch("standard", &standard);
   tree.Branch("strings", &strings);
   tree.Branch("nested", &nested);
   tree.Branch("momentum", &momentum);
   tree.Branch("reduced", &reduced, "reduced/d[0,100,10]");
   for (int k = 0; k < 12; ++k) {
      good = k; n = k % 5; good_many.assign(k % 3, k); reduced = k;
      for (int j = 0; j < 3; ++j) fixed[j] = k + j;
      for (int j = 0; j < 5; ++j) varying[j] = k - j;
      snprintf(text, 8, "k%d", k); standard = text; strings.assign(n, text); nested.assign(n, good_many);
      two.a = k; two.b = -k; momentum.SetPxPyPzE(k, 0, 0, k);
      tree.Fill();
   }
   file.Write();
}

// The free space of a file is moved on before each cluster: a file of gigabytes that is nearly all hole.
void far_apart(const char *path, const std::vector<Long64_t> &positions) {
   TFile file(path, "RECREATE", "", 101);
   TTree tree("mini", "baskets far apart");
   tree.SetAutoFlush(0);
   tree.SetAutoSave(0);
   Everything all;
   all.attach(tree, 1000);
   for (Long64_t position : positions) {
      all.fill(tree, 10);
      TFree *free = static_cast<TFree *>(file.GetListOfFree()->First());
      free->SetFirst(position);
      free->SetLast(position + 2000000000LL);
      tree.FlushBaskets();
   }
   file.Write();
}

void unclosed(const char *path) {
   TFile *file = new TFile(path, "RECREATE", "", 101);
   TTree *tree = new TTree("mini", "never written");
   tree->SetAutoFlush(10);
   one_column(*tree, 40, 0);
   file->Flush();
}

void skim(const char *source, const char *path, int compression, int entries, int cluster, bool inside) {
   TFile from(source);
   TTree *tree = static_cast<TTree *>(from.Get("mini"));
   TFile file(path, "RECREATE", "", compression);
   TTree *copy = tree->CloneTree(0);
   copy->SetAutoFlush(inside ? 0 : cluster);
   if (inside) copy->SetDirectory(nullptr);
   for (int n = 0; n < entries; ++n) { tree->GetEntry(n); copy->Fill(); }
   if (inside) file.WriteTObject(copy); else file.Write();
}
