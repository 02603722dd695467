// How fast text becomes symbols, beside what a shell and Python do with the same file, in one run.
// Usage: corpus_bench [MiB of each text] [folder for them]. One thread; the files are in the page
// cache. Prints GB/s by wall and by processor time: on a busy machine the second one is to be read.
#include <malloc.h>
#include <sys/resource.h>
#include <tbb/global_control.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "corpus/corpus.h"
#include "corpus/index.h"
#include "corpus/text_form.h"
#include "nodes/batch_source.h"

namespace {

using namespace charrnn;
namespace fs = std::filesystem;

struct Seconds {
  double wall = 0;
  double processor = 0;
};

double now(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double processor_seconds(int who) {
  rusage usage;
  getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// The best of three.
Seconds measure(const std::function<void()>& work) {
  Seconds best{1e9, 1e9};
  for (int round = 0; round < 3; ++round) {
    const double wall = now(CLOCK_MONOTONIC);
    const double own = processor_seconds(RUSAGE_SELF) + processor_seconds(RUSAGE_CHILDREN);
    work();
    best.wall = std::min(best.wall, now(CLOCK_MONOTONIC) - wall);
    best.processor = std::min(
        best.processor, processor_seconds(RUSAGE_SELF) + processor_seconds(RUSAGE_CHILDREN) - own);
  }
  return best;
}

/// Words of random letters from `first` on, in lines.
void write_text(const fs::path& file, std::size_t bytes, char32_t first, unsigned letters) {
  std::mt19937 random(1);
  std::string part;
  while (part.size() < (4u << 20)) {
    for (unsigned word = 2 + static_cast<unsigned>(random() % 8); word > 0; --word) {
      append_utf8(
          first + static_cast<char32_t>(random() % letters * (random() % letters) / letters), part);
    }
    part += random() % 12 == 0 ? '\n' : ' ';
  }
  std::ofstream out(file, std::ios::binary);
  for (std::size_t done = 0; done < bytes; done += part.size()) out << part;
}

void print(const char* what, double bytes, const Seconds& seconds) {
  std::printf("  %-34s %7.2f GB/s  %7.2f GB/s of processor time\n", what,
              bytes / seconds.wall / 1e9, bytes / seconds.processor / 1e9);
  std::fflush(stdout);
}

void run_shell(const std::string& command) {
  if (std::system(command.c_str()) != 0) std::printf("  (failed: %s)\n", command.c_str());
}

// The default of runtime.stripe_windows.
constexpr int kStripeWindows = 32;

/// Makes all batches of 128 rows of 100 characters, as a run does without its graph.
void read_as_batches(const Corpus& corpus) {
  const Lanes lanes{.text = {.first = 0, .count = corpus.characters()}, .rows = 128, .length = 100};
  BatchSource source(
      corpus, lanes,
      {.stripe_windows = kStripeWindows, .first_batch = 0, .end_batch = lanes.windows()});
  while (source.next()) {
  }
}

void compare(const char* name, const fs::path& file) {
  const auto bytes = static_cast<double>(fs::file_size(file));
  const std::string path = file.native();
  std::printf("%s, %.0f MB\n", name, bytes / 1e6);
  print("cat FILE > /dev/null", bytes,
        measure([&] { run_shell("cat '" + path + "' > /dev/null"); }));
  print("wc -m, UTF-8", bytes,
        measure([&] { run_shell("LC_ALL=C.UTF-8 wc -m '" + path + "' > /dev/null"); }));
  print("index pass", bytes, measure([&] { build_index({path}, TextForm{}); }));
  CorpusOptions options;
  options.files = {path};
  options.cache_directory = file.parent_path() / "cache";
  const auto corpus = Corpus::open(options);
  print("open with a kept index", bytes, measure([&] { Corpus::open(options); }));
  print("read, encode, batch", bytes, measure([&] { read_as_batches(*corpus); }));
  const std::string python = "python3 -c 't=open(\"" + path +
                             "\",encoding=\"utf-8\").read(); c=sorted(set(t)); "
                             "i={k:n for n,k in enumerate(c)}; a=[i[k] for k in t]; "
                             "b=[a[k:k+100] for k in range(0,len(a),100)]'";
  if (bytes < 300e6)
    print("Python: read, encode, batch", bytes, measure([&] { run_shell(python); }));
}

void compare_many_files(const fs::path& folder, std::size_t bytes) {
  constexpr std::size_t kFileBytes = 65536;
  const std::size_t count = bytes / kFileBytes;
  const fs::path many = folder / "many";
  fs::create_directories(many);
  std::ifstream text(folder / "ascii.txt", std::ios::binary);
  std::string part(kFileBytes, '\0');
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count; ++i) {
    text.read(part.data(), static_cast<std::streamsize>(part.size()));
    paths.push_back((many / std::to_string(1'000'000 + i)).native());
    std::ofstream(paths.back(), std::ios::binary) << part;
  }
  std::printf("%zu files of 64 KiB\n", count);
  const double all = static_cast<double>(count * kFileBytes);
  print("index pass", all, measure([&] { build_index(paths, TextForm{}); }));
  CorpusOptions options;
  options.files = {many.native()};
  options.cache_directory = folder / "cache";
  const auto corpus = Corpus::open(options);
  print("open with a kept index", all, measure([&] { Corpus::open(options); }));
  print("read, encode, batch", all, measure([&] { read_as_batches(*corpus); }));
}

}  // namespace

int main(int argc, char** argv) {
  // As the program does.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 32 << 20);
  const std::size_t bytes = (argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200) << 20;
  const fs::path folder = fs::path(argc > 2 ? argv[2] : "/var/tmp") / "charrnn-corpus-bench";
  fs::create_directories(folder);
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  write_text(folder / "ascii.txt", bytes, U'a', 26);
  write_text(folder / "cyrillic.txt", bytes, U'\u0430', 32);
  write_text(folder / "chinese.txt", bytes, U'\u4E00', 3000);
  compare("ASCII", folder / "ascii.txt");
  compare("Cyrillic", folder / "cyrillic.txt");
  compare("Chinese", folder / "chinese.txt");
  compare_many_files(folder, bytes);
  fs::remove_all(folder);
}
