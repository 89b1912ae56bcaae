import FluxModel
import Objects
import Operations
import Presentation
import Text

/// Writes a part of the delivery graph in the languages of diagram tools.
struct TreeDiagram {
  let view: TreeView

  private static let styles = [
    (name: "good", colour: "#2e7d32", width: ""),
    (name: "bad", colour: "#c62828", width: ",stroke-width:2px"),
    (name: "waiting", colour: "#ef6c00", width: ""),
  ]

  /// For Graphviz.
  var dot: String {
    var lines = [
      "digraph delivery {",
      "  rankdir=LR;",
      "  node [shape=box, style=rounded, fontname=\"sans-serif\"];",
      "  edge [fontname=\"sans-serif\", fontsize=10];",
    ]
    for id in view.members {
      var attributes = "label=\(quoted(label(id, separator: "\n")))"
      if let colour = colour(id) { attributes += ", color=\"\(colour)\"" }
      if view.graph.object(id) == nil, id.fluxKind != nil {
        attributes += ", style=\"rounded,dashed\""
      }
      lines.append("  \(quoted(id.key)) [\(attributes)];")
    }
    for edge in view.edges {
      let label = edge.alias.map { " [label=\(quoted("@\($0)"))]" } ?? ""
      lines.append("  \(quoted(edge.from.key)) -> \(quoted(edge.to.key))\(label);")
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }

  /// For Mermaid, as in Markdown on GitHub and GitLab.
  var mermaid: String {
    var lines = ["flowchart LR"]
    var numbers: [ObjectID: Int] = [:]
    for (number, id) in view.members.enumerated() {
      numbers[id] = number
      let style = styleClass(id).map { ":::\($0)" } ?? ""
      lines.append("  n\(number)[\"\(escaped(label(id, separator: "\n")))\"]\(style)")
    }
    for edge in view.edges {
      guard let from = numbers[edge.from], let to = numbers[edge.to] else { continue }
      let label = edge.alias.map { "|\"@\(escaped($0))\"|" } ?? ""
      lines.append("  n\(from) -->\(label) n\(to)")
    }
    for (name, colour, width) in Self.styles {
      lines.append("  classDef \(name) stroke:\(colour)\(width)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func label(_ id: ObjectID, separator: String) -> String {
    var lines = [id.kind, id.namespace.isEmpty ? id.name : "\(id.namespace)/\(id.name)"]
    if let state = view.states[id] {
      var text = state.word?.text ?? ""
      if let revision = state.revision {
        text += (text.isEmpty ? "" : " ") + shortenHex(revision)
      }
      if !text.isEmpty { lines.append(text) }
    }
    return lines.joined(separator: separator)
  }

  private func colour(_ id: ObjectID) -> String? {
    let name = styleClass(id)
    return Self.styles.first { $0.name == name }?.colour
  }

  private func styleClass(_ id: ObjectID) -> String? {
    guard let word = view.states[id]?.word else { return nil }
    switch TreeText.tone(word) {
    case .good: return "good"
    case .bad: return "bad"
    case .warning: return "waiting"
    case .plain, .faint: return nil
    }
  }

  /// A quoted identifier of the DOT language: only the quote needs an escape, and the backslash,
  /// which begins those of labels.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where Printable.isControl(scalar): result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// Mermaid reads entity codes, without `&`, in quoted texts; HTML is markup there.
  private func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "<br/>"
      case "\"": result += "#quot;"
      case "<": result += "#lt;"
      case ">": result += "#gt;"
      case "&": result += "#amp;"
      case "#": result += "#35;"
      case "`": result += "#96;"
      case _ where Printable.isControl(scalar): result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
