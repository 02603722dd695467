#pragma once

#include "serve/completion_request.h"
#include "serve/request_fields.h"

namespace charrnn {

/// Reads how characters are to be chosen: the fields from `temperature` to `logit_bias`. Throws
/// RequestError.
void parse_sampling(const RequestFields& fields, const RequestBounds& bounds,
                    CompletionRequest& request);

}  // namespace charrnn
