// Parameters of an action by their names.
#pragma once

#include <algorithm>
#include <span>

#include "rules/ui_action.h"

namespace hushlog {

// Null if the action has no such parameter.
inline const Parameter* FindParameter(std::span<const Parameter> parameters, Name name) {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

// Its `name` is Name::kNone if the action has no such parameter.
inline Parameter ValueOf(std::span<const Parameter> parameters, Name name) {
  const Parameter* parameter = FindParameter(parameters, name);
  return parameter == nullptr ? Parameter{} : *parameter;
}

}  // namespace hushlog
