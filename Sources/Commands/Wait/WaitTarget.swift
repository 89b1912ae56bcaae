import ArgumentParser
import Document
import FluxModel
import Operations
import Presentation
import Text

/// What `--for` names: a goal of the delivery, or what `kubectl wait` knows.
enum WaitTarget: Sendable {
  case goal(WaitGoal)
  case object(ObjectWait)

  var isCreation: Bool { if case .object(let wait) = self { wait.isCreation } else { false } }

  /// What `--for` takes.
  static let words = [
    "ready", "suspended", "stored", "revision=", "commit=", "condition=", "jsonpath=", "delete",
    "create",
  ]

  /// - Throws: In kubectl's words where it has some (`kubectl/pkg/cmd/wait/wait.go`).
  init(argument: String) throws {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      .map(String.init)
    switch (parts[0].lowercased(), parts.count > 1 ? parts[1] : nil) {
    case ("delete", nil): self = .object(.deletion)
    case ("create", nil): self = .object(.creation)
    case ("condition", let condition?):
      let both = condition.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map(String.init)
      self = .object(.condition(both[0], is: both.count > 1 ? both[1] : "true"))
    case ("jsonpath", let text?): self = .object(try Self.jsonPath(text))
    default: self = .goal(try WaitGoal(argument: argument))
    }
  }

  private static func jsonPath(_ text: String) throws -> ObjectWait {
    let parts = splitAtSingleEquals(text)
    guard parts.count <= 2 else {
      throw ValidationError(
        "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or "
          + "--for=jsonpath='{.status.readyReplicas}'")
    }
    guard !parts[0].isEmpty else { throw ValidationError("jsonpath expression cannot be empty") }
    var wanted: String?
    if parts.count == 2 {
      let value = parts[1].trimmed { $0 == "'" || $0 == "\"" }
      guard !value.isEmpty else {
        throw ValidationError(
          "jsonpath wait has to have a value after equal sign, like "
            + "--for=jsonpath='{.status.readyReplicas}'=3")
      }
      wanted = value
    }
    let path: JSONPath
    do {
      path = try JSONPath(try CustomColumns.template(parts[0]))
    } catch {
      throw ValidationError("\(error)")
    }
    return .state { [wanted] object in
      let lists = try path.arrays(of: object)
      guard let first = lists.first?.first else { return false }
      guard let wanted else { return true }
      guard lists.count == 1 else {
        throw Problem("given jsonpath expression matches more than one list")
      }
      guard lists[0].count == 1 else {
        throw Problem("given jsonpath expression matches more than one value")
      }
      guard first.object == nil, first.array == nil else {
        throw Problem("jsonpath leads to a nested object or list which is not supported")
      }
      return JSONPath.text(of: first).trimmed(\.isWhitespace) == wanted.trimmed(\.isWhitespace)
    }
  }

  /// Two equals signs in a row are part of a filter.
  private static func splitAtSingleEquals(_ text: String) -> [String] {
    var parts = [""]
    var rest = text[...]
    while let letter = rest.popFirst() {
      if letter == "=", rest.first == "=" {
        rest.removeFirst()
        parts[parts.count - 1] += "=="
      } else if letter == "=" {
        parts.append("")
      } else {
        parts[parts.count - 1].append(letter)
      }
    }
    return parts
  }
}

extension String {
  /// Without the characters at both ends that are of a sort.
  fileprivate func trimmed(_ isOfSort: (Character) -> Bool) -> String {
    var rest = self[...]
    while rest.first.map(isOfSort) == true { rest.removeFirst() }
    while rest.last.map(isOfSort) == true { rest.removeLast() }
    return String(rest)
  }
}
