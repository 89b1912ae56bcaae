package import Document
package import Text

/// Who suspended an object, when and why, as annotations of ours say.
package struct SuspensionRecord: Sendable, Hashable {
  package static let by = "artifactgen/suspended-by"
  package static let at = "artifactgen/suspended-at"
  package static let reason = "artifactgen/suspended-reason"
  package static let until = "artifactgen/suspended-until"
  /// A JSON array of the records that came later, each `{by, at, until, reason}`.
  package static let also = "artifactgen/suspended-also"
  package static let all = [by, at, reason, until, also]

  package let by: String?
  package let at: Timestamp?
  package let reason: String?
  /// When it was meant to end; nothing ends by itself.
  package let until: Timestamp?
  /// Later suspensions by other users; these have none themselves.
  package let others: [SuspensionRecord]

  /// - Parameters:
  ///   - by: Nil if that is not known.
  package init(
    by: String?, at: Timestamp?, reason: String? = nil, until: Timestamp? = nil,
    others: [SuspensionRecord] = []
  ) {
    self.by = by
    self.at = at
    self.reason = reason
    self.until = until
    self.others = others
  }

  package init(of object: Value) {
    let annotations = object["metadata", "annotations"]
    func text(_ name: String) -> String? { annotations?[name]?.string }
    let also = text(Self.also).flatMap { try? JSON.parse(Array($0.utf8)) }
    self.init(
      by: text(Self.by), at: text(Self.at).flatMap(Timestamp.init(rfc3339:)),
      reason: text(Self.reason), until: text(Self.until).flatMap(Timestamp.init(rfc3339:)),
      others: also?.array?.map(Self.init(document:)) ?? [])
  }

  private init(document: Value) {
    self.init(
      by: document["by"]?.string, at: document["at"]?.string.flatMap(Timestamp.init(rfc3339:)),
      reason: document["reason"]?.string,
      until: document["until"]?.string.flatMap(Timestamp.init(rfc3339:)))
  }

  /// `{by, at, until, reason, also: […]}`, as far as that is known.
  package var document: Value {
    var fields = Object()
    fields["by"] = by.map { .string($0) }
    fields["at"] = at.map { .string($0.rfc3339) }
    fields["until"] = until.map { .string($0.rfc3339) }
    fields["reason"] = reason.map { .string($0) }
    if !others.isEmpty { fields["also"] = .array(others.map(\.document)) }
    return .object(fields)
  }
}

extension SuspensionRecord {
  /// Whether it is empty.
  package var isEmpty: Bool {
    by == nil && at == nil && reason == nil && until == nil && others.isEmpty
  }

  /// Everybody's record by itself, in the order in which they came.
  package var each: [SuspensionRecord] {
    [SuspensionRecord(by: by, at: at, reason: reason, until: until)] + others
  }

  /// Whether it is the record of a user; an unknown user is another one.
  package func isOf(_ user: String?) -> Bool {
    guard let by, let user else { return false }
    return equalUTF8(by, user)
  }

  package func hasReason(_ text: String) -> Bool {
    reason.map { equalUTF8($0, text) } ?? false
  }

  /// Whether the object is left to the user who wrote this, because they gave a reason.
  package var isHold: Bool { reason.map { !$0.isEmpty } ?? false }

  /// The latest moment at which it was meant to end, if everybody named one.
  package var end: Timestamp? {
    let ends = each.compactMap(\.until)
    return ends.count == each.count ? ends.max() : nil
  }

  /// Whether everybody meant it to have ended by now.
  package func isOverdue(now: Timestamp) -> Bool { end.map { $0 < now } ?? false }

  /// `suspended by jane (incident 42)`, as far as that is known.
  package var phrase: String { "suspended" + told(withTime: false) }

  /// `suspended by jane at 2026-11-21T02:00:00Z (incident 42)`, as far as that is known.
  package var history: String { "suspended" + told(withTime: true) }

  /// `suspended by jane at 2026-11-21T02:00:00Z, until 2026-11-22T00:00:00Z: incident 42`, as far as
  /// that is known: what ends a sentence.
  package var account: String {
    "suspended"
      + each.map { record in
        (record.by.map { " by \($0)" } ?? "") + (record.at.map { " at \($0.rfc3339)" } ?? "")
          + (record.until.map { ", until \($0.rfc3339)" } ?? "")
          + (record.reason.map { ": \($0)" } ?? "")
      }.joined(separator: "; also")
  }

  private func told(withTime: Bool) -> String {
    let own =
      (by.map { " by \($0)" } ?? "")
      + (withTime ? at.map { " at \($0.rfc3339)" } ?? "" : "")
      + (until.map { " until \($0.rfc3339)" } ?? "") + (reason.map { " (\($0))" } ?? "")
    return own + others.map { ", also" + $0.told(withTime: withTime) }.joined()
  }
}
