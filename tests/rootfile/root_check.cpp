// The compiled part of root_check.py, for ROOT's interpreter.
#pragma cling optimize(2)
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>
#include "TBranchElement.h"
#include "TDirectory.h"
#include "TError.h"
#include "TFile.h"
#include "TH1F.h"
#include "TLeaf.h"
#include "TTree.h"
#include "TTreeReader.h"
#include "TTreeReaderArray.h"
#include "TTreeReaderValue.h"

namespace check {
std::vector<std::string> problems;
std::vector<std::string> messages;
void problem(const std::string &text) { if (problems.size() < 30) problems.push_back(text); }
void listen(int level, Bool_t, const char *where, const char *text) {
   if (level >= kInfo && messages.size() < 30) messages.push_back(Form("%d %s: %s", level, where, text));
}

// One branch of one tree, attached to memory of its own.
struct Column {
   virtual ~Column() {}
   virtual int attach(TTree &tree) = 0;
   virtual void clear() = 0;
   virtual bool equal(Column &other) = 0;
   virtual double sum() = 0;
   virtual void lend(TTree &tree) = 0;   // have another tree fill its branch from here
   std::string name;
};
template <typename T> double total(const T &x) { return double(x); }
inline double total(const std::string &x) { return x.size(); }
template <typename T> double total(const std::vector<T> &x) { double s = 0; for (T e : x) s += total(e); return s; }
template <typename T> bool same(const T &a, const T &b) { return a == b; }
// values that are no number are compared by their bits
template <typename T> bool same(const std::vector<T> &a, const std::vector<T> &b) {
   if (a.size() != b.size()) return false;
   if constexpr (std::is_floating_point<T>::value)
      return a.empty() || !memcmp(a.data(), b.data(), a.size() * sizeof(T));
   else return a == b;
}
template <typename T> struct Object : Column {
   T *value = new T;
   ~Object() { delete value; }
   int attach(TTree &tree) override { return tree.SetBranchAddress(name.c_str(), &value); }
   void clear() override { *value = T(); }
   bool equal(Column &other) override { auto o = dynamic_cast<Object *>(&other); return o && same(*value, *o->value); }
   double sum() override { return total(*value); }
   void lend(TTree &tree) override { tree.SetBranchAddress(name.c_str(), &value); }
};
// numbers, arrays and leaf lists: memory as the leaves say
struct Plain : Column {
   std::vector<char> data, before;
   TBranch *branch = nullptr;
   static size_t room(TBranch &branch) {
      size_t size = 16;
      for (auto o : *branch.GetListOfLeaves()) {
         auto leaf = static_cast<TLeaf *>(o);
         size_t count = leaf->GetLeafCount() ? leaf->GetLeafCount()->GetMaximum() : 1;
         size += 8 + leaf->GetLenType() * leaf->GetLenStatic() * std::max<size_t>(count, 1) + leaf->GetLen();
      }
      return size;
   }
   int attach(TTree &tree) override {
      branch = tree.GetBranch(name.c_str());
      data.assign(std::max(data.size(), room(*branch)), 0);
      return tree.SetBranchAddress(name.c_str(), static_cast<void *>(data.data()));
   }
   void clear() override { std::fill(data.begin(), data.end(), 0); }
   bool equal(Column &other) override {
      auto o = dynamic_cast<Plain *>(&other);
      if (!o) return false;
      size_t both = std::min(data.size(), o->data.size());
      return !memcmp(data.data(), o->data.data(), both);
   }
   double sum() override {
      double s = 0;
      for (auto item : *branch->GetListOfLeaves()) {
         auto leaf = static_cast<TLeaf *>(item);
         for (int i = 0; i < leaf->GetLen(); ++i) s += leaf->GetValue(i);
      }
      return s;
   }
   void lend(TTree &tree) override { tree.SetBranchAddress(name.c_str(), static_cast<void *>(data.data())); }
};
// other classes: whatever leaves they were split into
struct Leaves : Column {
   TBranch *branch = nullptr;
   std::vector<TLeaf *> leaves;
   static void collect(TBranch &b, std::vector<TLeaf *> &found) {
      for (auto o : *b.GetListOfLeaves()) found.push_back(static_cast<TLeaf *>(o));
      for (auto o : *b.GetListOfBranches()) collect(*static_cast<TBranch *>(o), found);
   }
   int attach(TTree &tree) override { branch = tree.GetBranch(name.c_str()); collect(*branch, leaves); return 0; }
   void clear() override {}
   bool equal(Column &other) override {
      auto o = dynamic_cast<Leaves *>(&other);
      if (!o || leaves.size() != o->leaves.size()) return false;
      for (size_t k = 0; k < leaves.size(); ++k) {
         if (leaves[k]->GetLen() != o->leaves[k]->GetLen()) return false;
         for (int i = 0; i < leaves[k]->GetLen(); ++i)
            if (leaves[k]->GetValue(i) != o->leaves[k]->GetValue(i)) return false;
      }
      return true;
   }
   double sum() override { return 0; }
   void lend(TTree &) override { problem("cannot fill " + name); }
};

using Maker = std::function<std::unique_ptr<Column>()>;
template <typename T> Maker maker() { return [] { return std::unique_ptr<Column>(new Object<T>); }; }
const std::map<std::string, Maker> makers{
   {"vector<float>", maker<std::vector<float>>()}, {"vector<double>", maker<std::vector<double>>()},
   {"vector<int>", maker<std::vector<int>>()}, {"vector<unsigned int>", maker<std::vector<unsigned int>>()},
   {"vector<Long64_t>", maker<std::vector<Long64_t>>()}, {"vector<ULong64_t>", maker<std::vector<ULong64_t>>()},
   {"vector<long>", maker<std::vector<long>>()}, {"vector<unsigned long>", maker<std::vector<unsigned long>>()},
   {"vector<short>", maker<std::vector<short>>()}, {"vector<unsigned short>", maker<std::vector<unsigned short>>()},
   {"vector<char>", maker<std::vector<char>>()}, {"vector<unsigned char>", maker<std::vector<unsigned char>>()},
   {"vector<bool>", maker<std::vector<bool>>()}, {"string", maker<std::string>()},
   {"vector<string>", maker<std::vector<std::string>>()},
   {"vector<vector<float> >", maker<std::vector<std::vector<float>>>()},
   {"vector<vector<int> >", maker<std::vector<std::vector<int>>>()}};

using Columns = std::vector<std::unique_ptr<Column>>;
Columns attach(TTree &tree) {
   Columns columns;
   for (auto o : *tree.GetListOfBranches()) {
      auto branch = static_cast<TBranch *>(o);
      std::string type = branch->GetClassName();
      auto found = makers.find(type);
      std::unique_ptr<Column> column;
      if (type.empty() && branch->GetListOfBranches()->GetEntriesFast() == 0) column.reset(new Plain);
      else if (found != makers.end()) column = found->second();
      else column.reset(new Leaves);
      column->name = branch->GetName();
      columns.push_back(std::move(column));
   }
   // counters first read, all attached before any entry is
   for (auto &column : columns) {
      int code = column->attach(tree);
      if (code < 0) problem(Form("SetBranchAddress of %s gives %d", column->name.c_str(), code));
   }
   return columns;
}

std::unique_ptr<TFile> open(const std::string &path, const char *mode = "READ") {
   std::unique_ptr<TFile> file(TFile::Open(path.c_str(), mode));
   if (!file || file->IsZombie()) { problem("cannot open " + path); return nullptr; }
   if (file->TestBit(TFile::kRecovered)) problem("ROOT recovered " + path);
   if (file->GetEND() != file->GetSize()) problem("the size of " + path + " is not what its header says");
   auto infos = file->GetStreamerInfoList();
   if (!infos) problem("no streamer infos in " + path);
   delete infos;
   return file;
}
TTree *tree(TFile &file, const std::string &path) {
   auto found = file.Get<TTree>(path.c_str());
   if (!found) problem(std::string("no tree ") + path + " in " + file.GetName());
   return found;
}

// stop < 0: to the end; beyond it: the entries again
struct Segment { std::string path; Long64_t start, stop; };

struct Result { Long64_t entries = -1, branches = 0, clusters = 0; std::map<std::string, double> sums; };

void check_books(TTree &tree, Result &result) {
   Long64_t total = 0, zipped = 0;
   for (auto o : *tree.GetListOfBranches()) {
      auto branch = static_cast<TBranch *>(o);
      total += branch->GetTotBytes("*");
      zipped += branch->GetZipBytes("*");
      if (branch->GetEntries() != tree.GetEntries() && !branch->GetListOfBranches()->GetEntriesFast())
         problem(Form("%s has %lld entries", branch->GetName(), branch->GetEntries()));
   }
   if (total != tree.GetTotBytes() || zipped != tree.GetZipBytes()) problem("bytes of tree and branches differ");
   auto next = tree.GetClusterIterator(0);
   Long64_t last = -1, start;
   while ((start = next()) < tree.GetEntries()) {
      if (start <= last) { problem("clusters do not grow"); break; }
      last = start;
      ++result.clusters;
   }
}

Result compare(const std::string &path, const std::string &name, const std::vector<Segment> &segments) {
   Result result;
   auto file = open(path);
   TTree *whole = file ? tree(*file, name) : nullptr;
   if (!whole) return result;
   result.entries = whole->GetEntries();
   check_books(*whole, result);
   auto columns = attach(*whole);
   result.branches = columns.size();
   Long64_t done = 0;
   for (auto &segment : segments) {
      auto other = open(segment.path);
      TTree *part = other ? tree(*other, name) : nullptr;
      if (!part) return result;
      auto expected = attach(*part);
      if (expected.size() != columns.size()) { problem("other branches in " + segment.path); return result; }
      for (size_t k = 0; k < columns.size(); ++k)
         if (columns[k]->name != expected[k]->name) { problem("no branch " + expected[k]->name); return result; }
      Long64_t stop = segment.stop < 0 ? part->GetEntries() : segment.stop;
      for (Long64_t entry = segment.start; entry < stop; ++entry, ++done) {
         for (auto &column : columns) column->clear();
         for (auto &column : expected) column->clear();
         int bytes = whole->GetEntry(done), same = part->GetEntry(entry % part->GetEntries());
         if (bytes != same || bytes <= 0) problem(Form("%d bytes instead of %d at entry %lld", bytes, same, done));
         for (size_t k = 0; k < columns.size(); ++k) {
            if (!columns[k]->equal(*expected[k])) problem(Form("%s at entry %lld", columns[k]->name.c_str(), done));
            double sum = expected[k]->sum();
            if (std::isfinite(sum)) result.sums[columns[k]->name] += sum;
         }
      }
      part->ResetBranchAddresses();
   }
   if (done != result.entries) problem(Form("%lld entries instead of %lld", result.entries, done));
   whole->ResetBranchAddresses();
   return result;
}

// TTreeReader over all branches of numbers
struct Reading { virtual ~Reading() {} virtual double sum() = 0; };
template <typename T> struct ReadingValue : Reading {
   TTreeReaderValue<T> value;
   ReadingValue(TTreeReader &reader, const char *name) : value(reader, name) {}
   double sum() override { return total(*value); }
};
template <typename T> struct ReadingArray : Reading {
   TTreeReaderArray<T> values;
   ReadingArray(TTreeReader &reader, const char *name) : values(reader, name) {}
   double sum() override {
      double s = 0;
      for (size_t i = 0; i < values.GetSize(); ++i) s += double(values[i]);
      return s;
   }
};
using Starter = std::function<Reading *(TTreeReader &, const char *, char)>;
template <typename T> Reading *start(TTreeReader &reader, const char *name, char shape) {
   if (shape == 'v') return new ReadingValue<std::vector<T>>(reader, name);
   if (shape == 'a') return new ReadingArray<T>(reader, name);
   return new ReadingValue<T>(reader, name);
}
const std::map<std::string, Starter> starters{
   {"Float_t", start<Float_t>}, {"Double_t", start<Double_t>}, {"Int_t", start<Int_t>}, {"UInt_t", start<UInt_t>},
   {"Long64_t", start<Long64_t>}, {"ULong64_t", start<ULong64_t>}, {"Short_t", start<Short_t>},
   {"UShort_t", start<UShort_t>}, {"Char_t", start<Char_t>}, {"UChar_t", start<UChar_t>}, {"Bool_t", start<Bool_t>},
   {"float", start<float>}, {"double", start<double>}, {"int", start<int>}, {"unsigned int", start<unsigned int>},
   {"short", start<short>}, {"unsigned short", start<unsigned short>}, {"char", start<char>},
   {"unsigned char", start<unsigned char>}, {"bool", start<bool>}, {"long", start<long>},
   {"unsigned long", start<unsigned long>}, {"Long_t", start<long>}, {"ULong_t", start<unsigned long>}};

int read_again(const std::string &path, const std::string &name, const std::map<std::string, double> &sums) {
   auto file = open(path);
   TTree *whole = file ? tree(*file, name) : nullptr;
   if (!whole || !whole->GetEntries()) return 0;
   TTreeReader reader(whole);
   std::map<std::string, std::unique_ptr<Reading>> readings;
   for (auto o : *whole->GetListOfBranches()) {
      auto branch = static_cast<TBranch *>(o);
      std::string type = branch->GetClassName();
      char shape = 'v';
      if (type.empty()) {
         if (branch->GetListOfLeaves()->GetEntriesFast() != 1) continue;
         auto leaf = static_cast<TLeaf *>(branch->GetListOfLeaves()->First());
         type = leaf->GetTypeName();
         shape = leaf->GetLeafCount() || leaf->GetLenStatic() > 1 ? 'a' : 's';
         if (!strcmp(leaf->ClassName(), "TLeafC")) continue;
      } else if (type.compare(0, 7, "vector<")) continue;
      else type = type.substr(7, type.size() - 8);
      auto found = starters.find(type);
      if (found == starters.end()) continue;
      readings[branch->GetName()].reset(found->second(reader, branch->GetName(), shape));
   }
   std::map<std::string, double> found;
   while (reader.Next())
      for (auto &item : readings) {
         double sum = item.second->sum();
         if (std::isfinite(sum)) found[item.first] += sum;
      }
   if (reader.GetEntryStatus() != TTreeReader::kEntryBeyondEnd) problem("TTreeReader ended early");
   for (auto &item : found) {
      auto expected = sums.find(item.first);
      if (expected == sums.end() || std::abs(expected->second - item.second) > 1e-9 * std::abs(item.second))
         problem("TTreeReader sums " + item.first + " up to something else");
   }
   return readings.size();
}

// more entries, those of the original again, or empty ones where it has none
void extend(const std::string &path, const std::string &name, const std::string &original, Long64_t more) {
   auto from = open(original);
   auto file = open(path, "UPDATE");
   TTree *old = from ? tree(*from, name) : nullptr;
   TTree *whole = file ? tree(*file, name) : nullptr;
   if (!old || !whole) return;
   auto columns = attach(*old);
   auto own = attach(*whole);   // has columns of the new tree checked like the others
   for (auto &column : columns) { column->clear(); column->lend(*whole); }
   Long64_t entries = old->GetEntries();
   for (Long64_t n = 0; n < more; ++n) {
      if (entries) old->GetEntry(n % entries);
      if (whole->Fill() <= 0) problem(Form("Fill fails at %lld", n));
   }
   whole->GetDirectory()->cd();
   whole->Write("", TObject::kOverwrite);
   file->cd();
   TH1F histogram("root_check_histogram", "added", 3, 0, 3);
   histogram.Fill(1.5);
   histogram.Write();
   file->mkdir("root_check_folder")->WriteTObject(&histogram, "copy");
   histogram.SetDirectory(nullptr);
   old->ResetBranchAddresses();
   whole->ResetBranchAddresses();
   file->Close();
}
void check_extended(const std::string &path, const std::string &name, Long64_t entries) {
   auto file = open(path);
   if (!file) return;
   for (auto where : {"root_check_histogram", "root_check_folder/copy"}) {
      auto histogram = file->Get<TH1F>(where);
      if (!histogram || histogram->GetBinContent(2) != 1) problem(std::string("no histogram ") + where);
   }
   TTree *whole = tree(*file, name);
   if (whole && whole->GetEntries() != entries) problem(Form("%lld entries after Fill", whole->GetEntries()));
}

void trees(TDirectory &directory, const std::string &prefix, std::vector<std::string> &found) {
   for (auto o : *directory.GetListOfKeys()) {
      auto key = static_cast<TKey *>(o);
      std::string name = prefix + key->GetName();
      if (!strcmp(key->GetClassName(), "TTree")) {
         if (std::find(found.begin(), found.end(), name) == found.end()) found.push_back(name);
      } else if (!strncmp(key->GetClassName(), "TDirectory", 10)) {
         trees(*directory.Get<TDirectory>(key->GetName()), name + "/", found);
      }
   }
}
std::vector<std::string> trees(const std::string &path) {
   std::vector<std::string> found;
   auto file = open(path);
   if (file) trees(*file, "", found);
   return found;
}
}
