package import Document

/// What may be shown of an object that a server has, by what may be shown of the objects that were rendered:
/// where these have something of a Secret, the server's has, too, whatever it is by now.
package struct SecretShadow: Sendable {
  private let models: [Model]
  private let isOpen: Bool

  private struct Model: Sendable {
    let value: Value
    let shown: Value
  }

  /// - Parameters:
  ///   - rendered: the object on both sides, each with what of it may be shown.
  ///   - isOpen: whether fields that none of these has cannot come from a Secret.
  package init(_ rendered: [(value: Value, shown: Value)], isOpen: Bool) {
    models = rendered.map {
      Model(value: ManifestSet.normalised($0.value), shown: ManifestSet.normalised($0.shown))
    }
    self.isOpen = isOpen
  }

  /// - Returns: the object with what may be shown at most, to stand beside it in a ``ManifestSet/Made``.
  package func shown(of object: Value) -> Value {
    let object = ManifestSet.normalised(object)
    if isOpen, models.allSatisfy({ $0.value == $0.shown }) { return object }
    guard case .object(let fields) = shown(object, models, key: nil) else { return OpenPart.masked }
    // What it is called was found out by the names that were rendered.
    var result = fields
    for key in ["apiVersion", "kind"] { result[key] = object[key] }
    return .object(result)
  }

  private func shown(_ value: Value, _ models: [Model], key: String?) -> Value {
    guard !models.isEmpty else { return isOpen ? value : OpenPart.masked }
    switch value {
    case .object(let object):
      if models.contains(where: { $0.value.object == nil && $0.value != $0.shown }) {
        return OpenPart.masked
      }
      return .object(
        Object(
          object.compactMap { key, value in
            var below: [Model] = []
            for model in models {
              guard let inner = model.value[key] else { continue }
              // A name that may not be read.
              guard let open = model.shown[key] else { return nil }
              below.append(Model(value: inner, shown: open))
            }
            return (key, shown(value, below, key: key))
          }))
    case .array(let elements):
      if models.contains(where: { $0.value.array == nil && $0.value != $0.shown }) {
        return OpenPart.masked
      }
      var below = [[Model]](repeating: [], count: elements.count)
      for model in models {
        guard let others = model.value.array else { continue }
        let open = OpenPart.only(model.shown)
        for pair in ListPairing.pairs(elements, others, key: key).pairs {
          guard let index = pair.old, let other = pair.new else { continue }
          var shown = OpenPart.masked
          if case .only(let part) = open.below(index: other, of: others.count) { shown = part }
          below[index].append(Model(value: others[other], shown: shown))
        }
      }
      return .array(
        elements.enumerated().map { index, element in shown(element, below[index], key: nil) })
    case .null, .bool, .integer, .double, .string:
      let secret = models.filter { $0.value != $0.shown }
      guard !secret.isEmpty else { return value }
      return secret.first { $0.value == value }?.shown ?? OpenPart.masked
    }
  }
}
