import ArgumentParser

/// The flags of `get` that are the same for every kind of the cluster.
struct ServerGetOptions: ParsableArguments {
  @Option(
    name: .customLong("raw"),
    help: ArgumentHelp("Print what the server answers to this path, as it is", valueName: "PATH"))
  var raw: String?

  @Option(
    name: .customLong("sort-by"),
    help: ArgumentHelp(
      "Sort by a field, given as a JSONPath such as .metadata.creationTimestamp",
      valueName: "JSONPATH"))
  var sortBy: String?

  @Flag(name: .customLong("show-labels"), help: "Add a column with the labels")
  var showLabels = false

  @Flag(
    name: .customLong("ignore-not-found"),
    help: "An object that is not there is no failure, and nothing is said about it")
  var ignoreNotFound = false
}
