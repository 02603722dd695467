#include "pipeline/config/option_rows.h"

namespace charrnn {
namespace {

template <auto Member>
AnyField bind_sampling() {
  return bind<&Config::generate, &GenerateOptions::sampling, Member>();
}

}  // namespace

Rows generate_rows() {
  return {
      {.key = "generate.prompt",
       .help = "text to continue",
       .field = bind<&Config::generate, &GenerateOptions::prompt>()},
      {.key = "generate.prompt_file",
       .help = "file that holds the prompt, in place of generate.prompt; -: standard input",
       .field = bind<&Config::generate, &GenerateOptions::prompt_file>()},
      {.key = "generate.length",
       .help = "characters to write after the prompt",
       .field = bind<&Config::generate, &GenerateOptions::length>()},
      {.key = "generate.stop",
       .help = "text that ends a sample and is not written; repeatable",
       .field = bind<&Config::generate, &GenerateOptions::stop>()},
      {.key = "generate.include_stop",
       .help = "whether the stop text that ended a sample is written, too",
       .field = bind<&Config::generate, &GenerateOptions::include_stop>()},
      {.key = "generate.min_length",
       .help = "characters before which no stop text ends a sample",
       .field = bind<&Config::generate, &GenerateOptions::min_length>()},
      {.key = "generate.samples",
       .help = "texts to write, each with other random numbers; a line --- stands between them",
       .field = bind<&Config::generate, &GenerateOptions::samples>(),
       .range = {.low = 1, .high = 4096}},
      {.key = "generate.regex",
       .help = "regular expression that each text must match; empty: none",
       .field = bind<&Config::generate, &GenerateOptions::regex>()},
      {.key = "generate.format",
       .help = "text: prompt and new text; jsonl: a JSON object a line for each sample",
       .field = bind<&Config::generate, &GenerateOptions::format>()},
      {.key = "generate.seed",
       .help = "the same seed gives the same text; empty: a seed is drawn",
       .field = bind<&Config::generate, &GenerateOptions::seed>()},
  };
}

Rows sampling_rows() {
  return {
      {.key = "generate.temperature",
       .help = "the logits are divided by it: lower is more predictable; 0: always the likeliest",
       .field = bind_sampling<&SamplingOptions::temperature>(),
       .range = {.low = 0, .high = 100}},
      {.key = "generate.top_k",
       .help = "draw from the k most probable characters only; 0: from all",
       .field = bind_sampling<&SamplingOptions::top_k>(),
       .range = {.low = 0, .high = 65535}},
      {.key = "generate.top_p",
       .help = "choose among the likeliest characters that reach this probability together; 1: all",
       .field = bind_sampling<&SamplingOptions::top_p>(),
       .range = {.low = 0, .high = 1}},
      {.key = "generate.typical_p",
       .help = "choose among the most typical characters that reach this probability together",
       .field = bind_sampling<&SamplingOptions::typical_p>(),
       .range = {.low = 0, .high = 1}},
      {.key = "generate.min_p",
       .help = "leave out what is less likely than this times the likeliest character; 0: nothing",
       .field = bind_sampling<&SamplingOptions::min_p>(),
       .range = {.low = 0, .high = 1}},
      {.key = "generate.repetition_penalty",
       .help = "above 1: characters that were written of late become less likely",
       .field = bind_sampling<&SamplingOptions::repetition_penalty>(),
       .range = {.low = 0.1, .high = 10}},
      {.key = "generate.presence_penalty",
       .help = "subtracted from the logit of each character that was written of late",
       .field = bind_sampling<&SamplingOptions::presence_penalty>(),
       .range = {.low = -2, .high = 2}},
      {.key = "generate.frequency_penalty",
       .help = "the same, as often as the character was written of late",
       .field = bind_sampling<&SamplingOptions::frequency_penalty>(),
       .range = {.low = -2, .high = 2}},
      {.key = "generate.repeat_last_n",
       .help = "characters at the end of the text that the penalties look back on",
       .field = bind_sampling<&SamplingOptions::look_back>(),
       .range = {.low = 0, .high = 1024}},
      {.key = "generate.logit_bias",
       .help = "CHARACTER=NUMBER, added to the character's logit: -100 keeps it out; repeatable",
       .field = bind<&Config::generate, &GenerateOptions::logit_bias>()},
      {.key = "generate.allowed",
       .help = "the only characters that may be written; empty: all",
       .field = bind<&Config::generate, &GenerateOptions::allowed>()},
  };
}

Rows record_rows() {
  return {
      {.key = "generate.count",
       .help = "records to write, one a line, in place of samples; 0: none",
       .field = bind<&Config::generate, &GenerateOptions::count>()},
      {.key = "generate.unique",
       .help = "whether no record may be written twice",
       .field = bind<&Config::generate, &GenerateOptions::unique>()},
      {.key = "generate.novel",
       .help = "whether no record of corpus.files, the training text, may be written",
       .field = bind<&Config::generate, &GenerateOptions::novel>()},
  };
}

}  // namespace charrnn
