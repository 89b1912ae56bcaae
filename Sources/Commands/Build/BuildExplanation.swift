import Content
import FluxModel
import Generation
import Operations
import Presentation

/// The text of `--explain`: for each artifact a tree of what it contains, and of what was left out.
struct BuildExplanation {
  let report: BuildReport

  var lines: [String] {
    report.items.flatMap { item -> [String] in
      guard case .success(let built) = item.outcome else { return [] }
      var nodes = item.copy.enumerated().map { index, operation in
        node(of: operation, index: index, item: item, files: built.archive.files)
      }
      let ignored = item.ignored.map { file in
        TreeNode("\(file.path)  excluded from every archive by '\(file.pattern)'")
      }
      if !ignored.isEmpty {
        nodes.append(TreeNode("ignored", ignored))
      }
      return [""] + TreeDrawing.lines(TreeNode("\(item.namespace)/\(item.name)", nodes))
    }
  }

  private func node(
    of operation: CopyOperation,
    index: Int,
    item: BuildReport.Item,
    files: [ArchivedFile]
  ) -> TreeNode {
    var children = files.compactMap { file -> TreeNode? in
      guard let provenance = file.provenance, provenance.operation == index else { return nil }
      return TreeNode(label(of: file, provenance))
    }
    children += item.exclusions.filter { $0.operation == index }.map { exclusion in
      TreeNode("@\(exclusion.alias)/\(exclusion.source)  excluded by '\(exclusion.pattern)'")
    }
    if children.isEmpty {
      children = [TreeNode("all its files were replaced in the artifact")]
    }
    let strategy = operation.strategy.map { ", \($0)" } ?? ""
    return TreeNode("copy[\(index)] \(operation.from) -> \(operation.to)\(strategy)", children)
  }

  private func label(of file: ArchivedFile, _ provenance: Provenance) -> String {
    var text = "\(file.path)  "
    switch provenance.action {
    case .copied: text += "from @\(provenance.alias)/\(provenance.source)"
    case .merged: text += "merged with @\(provenance.alias)/\(provenance.source)"
    case .extracted: text += "extracted from @\(provenance.alias)/\(provenance.source)"
    }
    guard !provenance.earlier.isEmpty else { return text }
    let earlier = provenance.earlier.map { "@\($0.alias)/\($0.source) (copy[\($0.operation)])" }
    let verb = provenance.action == .merged ? "over" : "replaces"
    return text + ", \(verb) " + earlier.joined(separator: ", ")
  }
}
