import FluxModel
import Objects
import Operations
import Presentation
import Text

/// Objects of a kind that are listed for one and the same cause.
struct StatusGroup {
  /// So many of them are named.
  private static let named = 3
  /// So many causes fit on a screen.
  private static let most = 20

  private var ids: [ObjectID] = []
  /// What is said of a single object.
  private let single: String
  /// What is said of several; the cause by which they are grouped.
  private let several: String
  private var moments: [Timestamp?] = []

  // MARK: What is not as it should be

  /// - Parameter isWhole: Whether digests are shown whole.
  static func lines(
    _ states: [ObjectState], isWhole: Bool = false, now: Timestamp
  ) -> [String] {
    let items = states.map { state in
      let (single, several) = (state.headline, cause(of: state))
      return Item(
        id: state.id, single: isWhole ? single : shortenHex(single),
        several: isWhole ? several : shortenHex(several), since: state.since)
    }
    return lines(items, now: now)
  }

  /// The sentence without the name of the object, or of the generator whose state an artifact has.
  private static func cause(of state: ObjectState) -> String {
    if case .artifact(let artifact) = state.judgement,
      case .generator(let generator) = artifact.cause
    {
      return (generator.sentence ?? state.sentence)
        .replacing(generator.id.phrase, with: "its generator")
    }
    return state.headline.replacing(state.id.phrase, with: "it")
  }

  // MARK: What is suspended

  static func lines(_ suspended: [StatusReport.Suspended], now: Timestamp) -> [String] {
    let items = suspended.map { suspended in
      let record = suspended.record
      var text = "suspended"
      if let by = record.by { text += " by \(by)" }
      if let reason = record.reason { text += ": \(reason)" }
      if let until = record.end ?? record.until {
        text +=
          suspended.isOverdue ? "; overdue since \(until.rfc3339)" : "; until \(until.rfc3339)"
      }
      return Item(id: suspended.id, single: text, several: text, since: record.at)
    }
    return lines(items, now: now)
  }

  // MARK: Grouping

  private struct Item {
    let id: ObjectID
    let single: String
    let several: String
    let since: Timestamp?
  }

  private struct Key: Hashable {
    let kind: String
    let cause: String
  }

  /// A line for each cause, in the order in which the causes come first.
  private static func lines(_ items: [Item], now: Timestamp) -> [String] {
    var positions: [Key: Int] = [:]
    var groups: [StatusGroup] = []
    for item in items {
      let key = Key(kind: item.id.kind, cause: item.several)
      let position = positions[key] ?? groups.count
      if position == groups.count {
        positions[key] = position
        groups.append(StatusGroup(single: item.single, several: item.several))
      }
      groups[position].ids.append(item.id)
      groups[position].moments.append(item.since)
    }
    let lines = groups.prefix(most).map { $0.line(now: now) }
    let rest = groups.count - lines.count
    return rest > 0 ? lines + ["and \(rest) more causes: -o json lists them all"] : lines
  }

  private init(single: String, several: String) {
    self.single = single
    self.several = several
  }

  private func line(now: Timestamp) -> String {
    guard ids.count > 1, let first = ids.first else {
      return "\(ids[0]): \(Age.lasting(single, duration(now: now)))"
    }
    let names = ids.prefix(Self.named).map { id in
      id.namespace.isEmpty ? id.name : "\(id.namespace)/\(id.name)"
    }.joined(separator: ", ")
    let rest = ids.count > Self.named ? " and \(ids.count - Self.named) more" : ""
    return
      "\(ids.count) \(Self.plural(first.kind)) (\(names)\(rest)): "
      + Age.lasting(several, duration(now: now))
  }

  private static func plural(_ kind: String) -> String {
    kind.hasSuffix("y") ? "\(kind.dropLast())ies" : "\(kind)s"
  }

  /// For how long it has been so, if that is known of each.
  private func duration(now: Timestamp) -> String? {
    let known = moments.compactMap(\.self)
    guard known.count == moments.count, let first = known.min(),
      let age = Age.phrase(seconds: now.seconds - first.seconds)
    else { return nil }
    return known.allSatisfy { $0 == first } ? "for \(age)" : "for up to \(age)"
  }
}
