#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "serve/service.h"

namespace charrnn {

/// OpenAI's model object of the newest weights, with `meta`: step, losses, alphabet, shape.
boost::json::object model_object(const Service& service);

/// OpenAI's list of models: the newest, and `charrnn@STEP` for each checkpoint that can be chosen.
boost::json::object models_object(const Service& service);

/// OpenAI's model object of one of these. Throws RequestError 404 for another name.
boost::json::object named_model_object(const Service& service, const std::string& name);

/// Limits and defaults of this endpoint, and what it does now. Never any text of clients.
boost::json::object props_object(Service& service);

/// Everything that /metrics tells.
std::string all_metrics(Service& service);

/// The alphabet as text.
std::string alphabet_text(const Vocabulary& vocabulary);

}  // namespace charrnn
