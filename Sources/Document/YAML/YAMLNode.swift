/// A node of a YAML document, in the array that contains the whole document.
struct YAMLNode {
  enum Content {
    case scalar
    case sequence
    /// Keys and values take turns in `children`.
    case mapping
    /// The node that an alias stands for.
    case alias(Int)
  }

  var content: Content
  var tag = ""
  /// The text of a scalar, the name of an alias.
  var value = ""
  var isImplicit = false
  var children: [Int] = []
  /// From 0.
  var line: Int
  var column: Int
}

/// Where a node is in the text, and how a scalar is written.
struct YAMLNodePlace {
  var start: YAMLMark
  var end: YAMLMark
  var style: YAMLEvent.ScalarStyle
}

/// Builds the nodes of the first document of a YAML stream.
struct YAMLComposer {
  /// Arrays and maps may nest this deep; see `JSON.depthLimit`.
  static let depthLimit = JSON.depthLimit

  private var nodes: [YAMLNode] = []
  private var anchors: [String: Int] = [:]
  /// The collections that are still open, outermost first.
  private var open: [(node: Int, start: YAMLMark, isFlow: Bool)] = []
  /// Where each node is, if that is asked for.
  private var places: [YAMLNodePlace]?

  /// The nodes of the first document and the index of its root; nil when the stream has none.
  static func firstDocument(
    of bytes: [UInt8]
  ) throws(YAMLFailure) -> (nodes: [YAMLNode], root: Int)? {
    try document(of: bytes, places: false).map { ($0.nodes, $0.root) }
  }

  /// As `firstDocument(of:)`, with the place of each node and what tells where in `bytes` that is.
  static func placedDocument(
    of bytes: [UInt8]
  ) throws(YAMLFailure) -> ComposedDocument? {
    try document(of: bytes, places: true)
  }

  struct ComposedDocument {
    let nodes: [YAMLNode]
    let root: Int
    /// As many as nodes, or none.
    let places: [YAMLNodePlace]
    let dialect: YAMLDialect
  }

  private static func document(
    of bytes: [UInt8], places: Bool
  ) throws(YAMLFailure) -> ComposedDocument? {
    var dialect = YAMLDialect(bytes)
    while true {
      var composer = YAMLComposer()
      if places { composer.places = [] }
      // A copy, because the dialect changes its text while the old one is being read.
      let source = dialect.source
      let outcome = try source.withUnsafeBufferPointer { (buffer) throws(YAMLFailure) -> Outcome in
        try composer.compose(buffer, &dialect)
      }
      switch outcome {
      case .empty: return nil
      case .root(let root):
        return ComposedDocument(
          nodes: composer.nodes, root: root, places: composer.places ?? [], dialect: dialect)
      case .restart: continue
      }
    }
  }

  private enum Outcome {
    case empty
    case root(Int)
    /// The text had to be changed to be read the way Go's package reads it.
    case restart
  }

  private mutating func compose(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ dialect: inout YAMLDialect
  ) throws(YAMLFailure) -> Outcome {
    var parser = LibYAMLParser(bytes)
    var root: Int?
    while true {
      let event: YAMLEvent
      do {
        event = try parser.next()
      } catch {
        if dialect.adapt(to: error) { return .restart }
        throw YAMLFailure(dialect.translated(error), in: bytes)
      }
      let flow = open.last.flatMap { $0.isFlow ? $0 : nil }
      if let error = dialect.objection(
        to: event,
        inFlow: flow?.start,
        isMapping: flow.map { isMapping($0.node) } ?? false
      ) {
        throw YAMLFailure(error, in: bytes)
      }
      switch event.kind {
      case .streamStart: break
      case .documentStart:
        // Go's package does not look at what follows the first document.
        guard root == nil else {
          throw YAMLFailure(
            line: event.start.line, column: event.start.column,
            message: "what follows the end of the document is not read",
            goText: "yaml: more than one document")
        }
      case .streamEnd: return root.map { .root($0) } ?? .empty
      case .documentEnd:
        // Places are asked for by those who want to know about all of the text.
        guard places == nil else { continue }
        return root.map { .root($0) } ?? .empty
      case .sequenceEnd, .mappingEnd:
        if let ended = open.popLast() { places?[ended.node].end = event.end }
      case .alias, .scalar, .sequenceStart, .mappingStart:
        let node = try add(event, dialect)
        if root == nil { root = node }
      }
    }
  }

  private func isMapping(_ node: Int) -> Bool {
    if case .mapping = nodes[node].content { true } else { false }
  }

  /// Adds the node that an event begins and hands back its index.
  private mutating func add(
    _ event: YAMLEvent,
    _ dialect: YAMLDialect
  ) throws(YAMLFailure) -> Int {
    let index = nodes.count
    var node = YAMLNode(content: .scalar, line: event.start.line, column: event.start.column)
    switch event.kind {
    case .alias:
      node.value = event.anchor ?? ""
      guard let target = anchors[node.value] else {
        throw YAMLFailure(
          "unknown anchor referenced", go: "unknown anchor '\(node.value)' referenced", at: node)
      }
      node.content = .alias(target)
    case .sequenceStart, .mappingStart:
      node.content = event.kind == .sequenceStart ? .sequence : .mapping
    default:
      node.value = dialect.restored(event.value)
      node.tag = event.tag
      node.isImplicit = event.isImplicit
    }
    if event.kind != .alias, let anchor = event.anchor { anchors[anchor] = index }
    if let parent = open.last { nodes[parent.node].children.append(index) }
    nodes.append(node)
    places?.append(
      YAMLNodePlace(start: event.start, end: event.end, style: event.scalarStyle))
    if event.kind == .sequenceStart || event.kind == .mappingStart {
      open.append((index, event.start, event.isFlow))
      if open.count > YAMLComposer.depthLimit {
        throw YAMLFailure(
          "nested deeper than \(YAMLComposer.depthLimit) levels",
          at: node
        )
      }
    }
    return index
  }
}
