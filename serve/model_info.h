#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "serve/service.h"

namespace charrnn {

/// OpenAI's model object of the newest weights, with `meta`: step, losses, alphabet, shape.
boost::json::object model_object(const Service& service);

/// OpenAI's list of models: this one.
boost::json::object models_object(const Service& service);

/// Limits and defaults of this endpoint, and what it does now. Never any text of clients.
boost::json::object props_object(Service& service);

/// Everything that /metrics tells.
std::string all_metrics(Service& service);

/// The alphabet as text.
std::string alphabet_text(const Vocabulary& vocabulary);

}  // namespace charrnn
