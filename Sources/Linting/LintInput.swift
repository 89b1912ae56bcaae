package import Content
package import Document
package import FluxModel
package import Generation
package import Objects

/// What the rules look at, all of it read and planned already.
package struct LintInput {
  package var generators: [Generator] = []
  package var objects: [Object] = []
  /// Whether there are objects that make or use artifacts in ways that are not known here.
  package var hasGeneratedObjects = false
  /// Whether a controller refuses references to other namespaces.
  package var forbidsCrossNamespace = false
  package var reports: [SourceReport] = []
  /// Generators that are defined twice.
  package var repeated: [Problem] = []
  /// Artifacts that several generators publish.
  package var shared: [Sharing] = []
  /// Sources of which nothing is known.
  package var missing: [MissingSource] = []
  /// Files with Flux objects that cannot be read.
  package var unreadable: [Unreadable] = []
  /// Whether there are manifests that were not read: what else is applied is not known.
  package var hasUnreadManifests = false
  /// Whether there are generators that cannot be read: what they make is not known.
  package var hasUnreadGenerators = false
  /// Generators that cannot be understood.
  package var refused: [Refusal] = []
  /// What a source publishes, by the position of a generator and the alias there; nil where that is not
  /// known.
  package let source: (_ generator: Int, _ alias: String) -> Source?
  /// What a source publishes that no generator uses, by its object; nil where that is not known.
  package let given: (ObjectID) -> Source?

  package init(
    source: @escaping (_ generator: Int, _ alias: String) -> Source?,
    given: @escaping (ObjectID) -> Source?
  ) {
    self.source = source
    self.given = given
  }

  /// What is wrong with a generator as a whole.
  package struct Problem {
    package let generator: Int
    package let text: String

    package init(generator: Int, text: String) {
      self.generator = generator
      self.text = text
    }
  }

  package struct Unreadable {
    package let file: String
    package let text: String
    /// From 1; nil where it is not known.
    package let line: Int?
    /// In characters, from 1; nil where it is not known.
    package let column: Int?

    package init(file: String, text: String, line: Int?, column: Int?) {
      self.file = file
      self.text = text
      self.line = line
      self.column = column
    }
  }

  /// An object that cannot be understood.
  package struct Refusal {
    package let place: LintPlace
    package let file: String
    package let text: String

    package init(place: LintPlace, file: String, text: String) {
      self.place = place
      self.file = file
      self.text = text
    }
  }

  package struct Sharing {
    package let generators: [Int]
    package let text: String
    package let fix: String

    package init(generators: [Int], text: String, fix: String) {
      self.generators = generators
      self.text = text
      self.fix = fix
    }
  }

  /// A source that nothing is given for.
  package struct MissingSource {
    /// The first generator that has it, by its position, and its name there.
    package let generator: Int
    package let alias: String
    /// As `GitRepository NAMESPACE/NAME`.
    package let object: String
    /// What gives it.
    package let flag: String
    /// Artifacts that hang on it, as `NAMESPACE/NAME`.
    package var artifacts: [String] = []
    /// Generators whose artifacts all do, whichever these are.
    package var generators: [Int] = []

    package init(generator: Int, alias: String, object: String, flag: String) {
      self.generator = generator
      self.alias = alias
      self.object = object
      self.flag = flag
    }
  }

  package struct Generator {
    package let generator: ArtifactGenerator
    package let namespace: String
    package let place: LintPlace
    /// What strict decoding refuses.
    package let strictFindings: [String]
    /// Nil where nothing can be said of its artifacts; of a source that is not known, those that hang on it have
    /// no content (`PlannedArtifact.lacking`).
    package let plan: Result<GeneratorPlan, GeneratorFailure>?

    package init(
      _ generator: ArtifactGenerator, in namespace: String, at place: LintPlace,
      strictFindings: [String], plan: Result<GeneratorPlan, GeneratorFailure>?
    ) {
      self.generator = generator
      self.namespace = namespace
      self.place = place
      self.strictFindings = strictFindings
      self.plan = plan
    }

    var subject: String { "ArtifactGenerator/\(namespace)/\(generator.name)" }
    var name: String { "\(namespace)/\(generator.name)" }
    package var id: ObjectID {
      ObjectID(FluxKind.artifactGenerator.resource, namespace: namespace, name: generator.name)
    }

    /// Where the artifact at a position of the plan is written: with a path pattern each is made of
    /// one of the templates in turn (``ArtifactRequest``).
    func place(ofArtifact position: Int) -> LintPlace {
      place.at(.key("spec"), .key("artifacts"), .index(template(of: position)))
    }

    func template(of position: Int) -> Int {
      generator.spec.artifacts.isEmpty ? 0 : position % generator.spec.artifacts.count
    }
  }

  /// A Flux object of the input.
  package struct Object {
    package let id: ObjectID
    package let value: Value
    package let place: LintPlace
    /// The kustomization beside its file that leaves the file out.
    package let omittedBy: String?

    package init(
      _ id: ObjectID, _ value: Value, at place: LintPlace, omittedBy: String? = nil
    ) {
      self.id = id
      self.value = value
      self.place = place
      self.omittedBy = omittedBy
    }
  }

  /// What a source publishes.
  package struct Source {
    package enum Kind: Sendable {
      case file
      case directory
    }

    /// What is at a clean path.
    package let kind: (TreePath) -> Kind?
    /// Why nothing is at a path, if something is that is not published.
    package let absence: (TreePath) -> String?
    /// The content of a file.
    package let content: (TreePath) -> FileContent?

    package init(
      kind: @escaping (TreePath) -> Kind?, absence: @escaping (TreePath) -> String?,
      content: @escaping (TreePath) -> FileContent?
    ) {
      self.kind = kind
      self.absence = absence
      self.content = content
    }
  }
}
