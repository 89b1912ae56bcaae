import ArgumentParser
import KubeAPI

/// The flags that choose among the objects of a cluster.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: .labelSelector,
    help: ArgumentHelp(
      "Label selector, such as app=web,tier!=db", valueName: "SELECTOR"))
  var labelSelector: String?

  @Option(
    help: ArgumentHelp(
      "Field selector, such as metadata.name=web", valueName: "SELECTOR"))
  var fieldSelector: String?
}

extension SelectionOptions {
  /// What is sent to the server; an empty selector chooses everything, as none does.
  var listOptions: ListOptions {
    ListOptions(
      labelSelector: labelSelector.flatMap { $0.isEmpty ? nil : $0 },
      fieldSelector: fieldSelector.flatMap { $0.isEmpty ? nil : $0 })
  }
}
