import CYAML
import Text

// The only file that touches libyaml. libyaml only reads: its emitter of today lays some texts out
// differently from the one inside Go's YAML package, so writing is `YAMLEmitter`'s.

/// A place in a YAML text.
///
/// All three count from 0; `index` and `column` count characters.
struct YAMLMark: Equatable {
  var index = 0
  var line = 0
  var column = 0
}

/// One step of a YAML stream.
struct YAMLEvent {
  enum Kind: Equatable {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias
    case scalar
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
  }

  enum ScalarStyle {
    case plain
    case singleQuoted
    case doubleQuoted
    case literal
    case folded
  }

  var kind: Kind
  var start: YAMLMark
  var end: YAMLMark
  /// The version of a `%YAML` directive, of a document start.
  var version: (major: Int, minor: Int)?
  var anchor: String?
  /// The full tag (`tag:yaml.org,2002:int`); empty when there is none.
  var tag = ""
  var value = ""
  /// Whether a scalar is plain and untagged, so that its text decides its type.
  var isImplicit = false
  var scalarStyle = ScalarStyle.plain
  /// Whether a collection is written in brackets or braces.
  var isFlow = false
}

/// Why libyaml stopped reading.
struct LibYAMLError: Error {
  enum Stage {
    case reader
    case scanner
    case parser
    case memory
  }

  var stage: Stage
  var problem: String
  var mark: YAMLMark
  /// What was being read, and where that began; nil and the start of the text when unknown.
  var context: String?
  var contextMark = YAMLMark()
  /// The byte at fault, when `stage` is `reader`.
  var offset = 0
}

/// The events of a YAML stream over borrowed bytes, which must outlive this value.
struct LibYAMLParser: ~Copyable {
  /// What libyaml's read callback needs; on the heap because libyaml keeps the address.
  private struct Input {
    var rest: UnsafeBufferPointer<UInt8>
    /// The size of libyaml's raw buffer, learnt from the first call, when it is empty.
    var capacity = 0
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutablePointer<Input>
  private let hasMemory: Bool

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    input = .allocate(capacity: 1)
    input.initialize(to: Input(rest: bytes))
    hasMemory = yaml_parser_initialize(parser) == 1
    guard hasMemory else { return }
    yaml_parser_set_input(
      parser,
      { data, buffer, size, sizeRead in
        guard let buffer, let sizeRead, let input = data?.assumingMemoryBound(to: Input.self)
        else { return 0 }
        // Go's YAML package decodes 512 bytes at a time. Doing the same makes an illegal byte and
        // a syntax error come up in the same order as there.
        if input.pointee.capacity == 0 { input.pointee.capacity = size }
        let left = input.pointee.capacity - size
        let count = min(input.pointee.rest.count, max(512 - left, 1), size)
        if let start = input.pointee.rest.baseAddress, count > 0 {
          buffer.update(from: start, count: count)
          input.pointee.rest = UnsafeBufferPointer(rebasing: input.pointee.rest.dropFirst(count))
        }
        sizeRead.pointee = count
        return 1
      },
      input
    )
  }

  deinit {
    if hasMemory { yaml_parser_delete(parser) }
    parser.deinitialize(count: 1)
    parser.deallocate()
    input.deinitialize(count: 1)
    input.deallocate()
  }

  /// The next event.
  ///
  /// Not to be called again after the end of the stream or an error.
  mutating func next() throws(LibYAMLError) -> YAMLEvent {
    guard hasMemory else { throw LibYAMLParser.outOfMemory }
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    return LibYAMLParser.translate(event)
  }

  private static func translate(_ event: yaml_event_t) -> YAMLEvent {
    func make(_ kind: YAMLEvent.Kind) -> YAMLEvent {
      YAMLEvent(kind: kind, start: YAMLMark(event.start_mark), end: YAMLMark(event.end_mark))
    }
    func collection(
      _ kind: YAMLEvent.Kind, _ anchor: UnsafeMutablePointer<UInt8>?, isFlow: Bool
    ) -> YAMLEvent {
      var result = make(kind)
      result.anchor = anchor.map { text($0) }
      result.isFlow = isFlow
      return result
    }
    switch event.type {
    case YAML_DOCUMENT_START_EVENT:
      var result = make(.documentStart)
      if let version = event.data.document_start.version_directive {
        result.version = (Int(version.pointee.major), Int(version.pointee.minor))
      }
      return result
    case YAML_DOCUMENT_END_EVENT:
      return make(.documentEnd)
    case YAML_ALIAS_EVENT:
      var result = make(.alias)
      result.anchor = text(event.data.alias.anchor)
      return result
    case YAML_SCALAR_EVENT:
      var result = make(.scalar)
      let scalar = event.data.scalar
      result.anchor = scalar.anchor.map { text($0) }
      result.tag = text(scalar.tag)
      if let value = scalar.value {
        result.value = repairedUTF8(UnsafeBufferPointer(start: value, count: scalar.length))
      }
      result.isImplicit = scalar.plain_implicit != 0
      switch scalar.style {
      case YAML_SINGLE_QUOTED_SCALAR_STYLE: result.scalarStyle = .singleQuoted
      case YAML_DOUBLE_QUOTED_SCALAR_STYLE: result.scalarStyle = .doubleQuoted
      case YAML_LITERAL_SCALAR_STYLE: result.scalarStyle = .literal
      case YAML_FOLDED_SCALAR_STYLE: result.scalarStyle = .folded
      default: result.scalarStyle = .plain
      }
      return result
    case YAML_SEQUENCE_START_EVENT:
      let sequence = event.data.sequence_start
      return collection(
        .sequenceStart, sequence.anchor, isFlow: sequence.style == YAML_FLOW_SEQUENCE_STYLE)
    case YAML_SEQUENCE_END_EVENT:
      return make(.sequenceEnd)
    case YAML_MAPPING_START_EVENT:
      let mapping = event.data.mapping_start
      return collection(
        .mappingStart, mapping.anchor, isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE)
    case YAML_MAPPING_END_EVENT:
      return make(.mappingEnd)
    case YAML_STREAM_START_EVENT:
      return make(.streamStart)
    default:
      return make(.streamEnd)
    }
  }

  private static func text(_ bytes: UnsafeMutablePointer<UInt8>?) -> String {
    bytes.map { String(cString: $0) } ?? ""
  }

  private func failure() -> LibYAMLError {
    let stage: LibYAMLError.Stage
    switch parser.pointee.error {
    case YAML_READER_ERROR: stage = .reader
    case YAML_SCANNER_ERROR: stage = .scanner
    case YAML_MEMORY_ERROR: return LibYAMLParser.outOfMemory
    default: stage = .parser
    }
    return LibYAMLError(
      stage: stage,
      problem: parser.pointee.problem.map { String(cString: $0) } ?? "unknown problem",
      mark: YAMLMark(parser.pointee.problem_mark),
      context: parser.pointee.context.map { String(cString: $0) },
      contextMark: YAMLMark(parser.pointee.context_mark),
      offset: parser.pointee.problem_offset
    )
  }

  private static let outOfMemory = LibYAMLError(
    stage: .memory, problem: "out of memory", mark: YAMLMark())
}

extension YAMLMark {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(index: mark.index, line: mark.line, column: mark.column)
  }
}
