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
  /// What is said of a single object, and of several; the latter is the cause by which they are grouped.
  private let cause: Account
  private let lack: Account?
  private var moments: [Timestamp?] = []
  private var lackMoments: [Timestamp?] = []

  // MARK: What is not as it should be

  /// - Parameters:
  ///   - heading: What they are listed under, which need not be repeated; nil for nothing.
  ///   - isWhole: Whether digests are shown whole.
  ///   - room: The cells of a line; nil for any number.
  static func lines(
    _ states: [ObjectState], under heading: String? = nil, isWhole: Bool = false, now: Timestamp,
    room: Int? = nil
  ) -> [String] {
    let said = heading.map { "is \($0.lowercased()): " } ?? ""
    func unsaid(_ text: String) -> String {
      text.hasPrefix(said) ? String(text.dropFirst(said.count)) : text
    }
    let items = states.map { state in
      Item(
        id: state.id,
        cause: Account(
          single: unsaid(state.headline), several: unsaid(cause(of: state)), isWhole: isWhole),
        since: state.since)
    }
    return lines(items, now: now, room: room)
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

  static func lines(
    _ suspended: [StatusReport.Suspended], isWhole: Bool = false, now: Timestamp, room: Int? = nil
  ) -> [String] {
    let items = suspended.map { suspended in
      let record = suspended.record
      var text = "suspended"
      if let by = record.by { text += " by \(by)" }
      if let until = record.end ?? record.until {
        text += suspended.isOverdue ? ", overdue since " : ", until "
        text += until.rfc3339
      }
      // Last, because it is what can be cut.
      if let reason = record.reason { text += ": \(reason)" }
      let lack = suspended.state.lack
      let isConsumer = suspended.id.fluxKind?.isConsumer == true
      return Item(
        id: suspended.id, cause: Account(single: text, several: text, isWhole: true),
        since: record.at,
        lack: lack.map {
          Account(
            single: $0,
            several: isConsumer
              ? "have not applied what their sources contain"
              : "have not built from their current sources",
            isWhole: isWhole)
        },
        // Of a generator the moment of the suspension is all that is known.
        lackSince: isConsumer ? suspended.state.since : nil)
    }
    return lines(items, now: now, room: room)
  }

  // MARK: Grouping

  private struct Account {
    let single: String
    let several: String

    init(single: String, several: String, isWhole: Bool) {
      self.single = isWhole ? single : shortenHex(single)
      self.several = isWhole ? several : shortenHex(several)
    }
  }

  private struct Item {
    let id: ObjectID
    let cause: Account
    let since: Timestamp?
    /// What it has not applied or built from, on a line of its own.
    var lack: Account?
    var lackSince: Timestamp?
  }

  private struct Key: Hashable {
    let kind: String
    let cause: String
    let lack: String?
  }

  /// A line for each cause, in the order in which the causes come first, and one for what is lacking.
  private static func lines(_ items: [Item], now: Timestamp, room: Int?) -> [String] {
    var positions: [Key: Int] = [:]
    var groups: [StatusGroup] = []
    for item in items {
      let key = Key(
        kind: item.id.kind, cause: item.cause.several, lack: item.lack?.several)
      let position = positions[key] ?? groups.count
      if position == groups.count {
        positions[key] = position
        groups.append(StatusGroup(cause: item.cause, lack: item.lack))
      }
      groups[position].ids.append(item.id)
      groups[position].moments.append(item.since)
      groups[position].lackMoments.append(item.lackSince)
    }
    let lines = groups.prefix(most).flatMap { $0.lines(now: now, room: room) }
    let rest = groups.count - min(groups.count, most)
    return rest > 0 ? lines + ["and \(rest) more causes: -o json lists them all"] : lines
  }

  private init(cause: Account, lack: Account?) {
    self.cause = cause
    self.lack = lack
  }

  // MARK: Lines

  private static let indent = "  "
  /// Less of a text is not worth a line.
  private static let leastRoom = 20

  /// Who and why on one line where it fits, else why on a second; how long it has been so is never
  /// cut.
  private func lines(now: Timestamp, room: Int?) -> [String] {
    let (subject, text) = (Printable.line(subject), Printable.line(said(cause)))
    let age = duration(of: moments, now: now)
    let whole = "\(subject): \(Age.lasting(text, age))"
    let below = room.map { max($0 - Self.indent.utf8.count, Self.leastRoom) }
    var lines = [whole]
    if let room, let below, displayWidth(whole) > room {
      let end = age.map { ", \($0):" } ?? ":"
      lines = [
        truncatedInside(subject, to: max(room - displayWidth(end), Self.leastRoom)) + end
      ]
      lines += Self.excerpt(text, to: below).map { Self.indent + $0 }
    }
    if let lack {
      let text = Printable.line(said(lack))
      let age = duration(of: lackMoments, now: now)
      let whole = Age.lasting(text, age)
      guard let below, displayWidth(whole) > below else { return lines + [Self.indent + whole] }
      let end = age.map { ", \($0)" } ?? ""
      var excerpt = Self.excerpt(text, to: max(below - displayWidth(end), Self.leastRoom))
      excerpt[excerpt.count - 1] += end
      lines += excerpt.map { Self.indent + $0 }
    }
    return lines
  }

  /// So many lines of a text are shown.
  private static let mostLines = 3

  /// The text on a few lines.
  ///
  /// What is cut is the middle: the end is the first cause, or what to do.
  private static func excerpt(_ text: String, to cells: Int) -> [String] {
    let all = wrapped(text, beside: 0, in: cells)
    guard all.count > mostLines else { return all.map { truncatedInside($0, to: cells) } }
    let mark = "… "
    let lines = wrapped(text, beside: displayWidth(mark), in: cells)
    var excerpt = [lines[0]] + lines.suffix(mostLines - 1)
    excerpt[1] = mark + excerpt[1]
    return excerpt.map { truncatedInside($0, to: cells) }
  }

  private func said(_ account: Account) -> String {
    ids.count > 1 ? account.several : account.single
  }

  private var subject: String {
    guard ids.count > 1, let first = ids.first else { return "\(ids[0])" }
    let names = ids.prefix(Self.named).map { id in
      id.namespace.isEmpty ? id.name : "\(id.namespace)/\(id.name)"
    }.joined(separator: ", ")
    let rest = ids.count > Self.named ? " and \(ids.count - Self.named) more" : ""
    return "\(ids.count) \(BuiltInKinds.plural(of: first.kind)) (\(names)\(rest))"
  }

  /// For how long it has been so, if that is known of each.
  private func duration(of moments: [Timestamp?], now: Timestamp) -> String? {
    let known = moments.compactMap(\.self)
    guard known.count == moments.count, let first = known.min(),
      let age = Age.phrase(seconds: now.seconds - first.seconds)
    else { return nil }
    return known.allSatisfy { $0 == first } ? "for \(age)" : "for up to \(age)"
  }
}
