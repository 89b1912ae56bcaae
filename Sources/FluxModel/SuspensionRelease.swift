/// Whose suspensions are removed.
package struct SuspensionRelease: Sendable, Hashable {
  /// Everybody's.
  package static let everybody = SuspensionRelease(user: nil, includesOthers: true)

  /// Who takes them back; nil if that is not known.
  package let user: String?
  /// Whether that goes for what others have suspended with a reason, too.
  package let includesOthers: Bool
  /// Those with this reason, whoever gave it.
  package let reason: String?

  package init(user: String?, includesOthers: Bool = false, reason: String? = nil) {
    self.user = user
    self.includesOthers = includesOthers
    self.reason = reason
  }

  /// The record for which an object is to stay suspended; nil if there is none.
  package func hold(in record: SuspensionRecord) -> SuspensionRecord? {
    guard !includesOthers else { return nil }
    return record.each.first { record in
      record.isHold && !record.isOf(user) && !(reason.map(record.hasReason) ?? false)
    }
  }
}
