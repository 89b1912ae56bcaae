/// The formats that `-o` can name.
package enum OutputFormat: String, Sendable, CaseIterable {
  case table
  case wide
  case json
  case yaml
  case kyaml
  case name

  /// Reads the value of `-o`; upper and lower case are alike, as for kubectl.
  ///
  /// - Parameter others: formats that the command reads itself, for the error.
  /// - Throws: ``OutputFormatError`` when the text names no format, or one that is not allowed.
  package init(
    parsing text: String,
    allowed: [OutputFormat] = allCases,
    others: [String] = []
  ) throws(OutputFormatError) {
    guard let format = OutputFormat(rawValue: text.lowercased()), allowed.contains(format) else {
      throw OutputFormatError(text: text, allowed: allowed, others: others)
    }
    self = format
  }

  /// Whether people read it, and so whether it may say that there is nothing to show.
  package var isForPeople: Bool {
    self == .table || self == .wide
  }
}

/// An output format that does not exist or that the command cannot write.
package struct OutputFormatError: Error, CustomStringConvertible {
  package let text: String
  package let allowed: [OutputFormat]
  package let others: [String]

  /// The words of kubectl (`cli-runtime/pkg/genericclioptions`, NoCompatiblePrinterError).
  package var description: String {
    let formats = (allowed.map(\.rawValue) + others).sorted().joined(separator: ",")
    return "unable to match a printer suitable for the output format \"\(text)\", "
      + "allowed formats are: \(formats)"
  }
}
