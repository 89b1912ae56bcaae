package import Archive
package import Content
package import Document
package import FluxModel
package import Generation
package import Git
package import Objects
package import Platform

/// What `build` is asked for, resolved: no flags, no environment.
package struct BuildRequest: Sendable {
  package var inputs: [GeneratorInput]
  /// What was found in them already, a sentence each.
  package var warnings: [String] = []
  /// What of the manifests cannot be understood, where that does not end the command.
  package var inputErrors: [InputError] = []
  package var mappings: [SourceMapping] = []
  /// The objects that the sources are of, as far as they are known.
  package var objects = SourceObjects()
  /// Our own variables, for whatever reads repositories.
  package var environment: [String: String] = [:]
  /// Where the sources come from that nothing else stands for; nil for nowhere.
  package var content: ClusterContent?
  /// The generators that the report is about; nil for all.
  ///
  /// The others are built because these use their artifacts.
  package var selected: Set<BuildReport.ObjectName>?
  /// Bytes of content that are unpacked of one archive among the sources.
  package var sizeLimit: Int64 = 1 << 30
  /// Whether a work tree with uncommitted files is an error.
  package var requiresClean = false
  /// Files that a source does not have and that count as empty ones, by their paths in it: to see where
  /// they would go.
  package var restored: [SourceMapping: [TreePath]] = [:]
  /// The paths that the artifacts depend on, of sources that are commits; of one that is not here, they may
  /// depend on everything.
  package var needed: [SourceMapping: [TreePath]] = [:]
  /// Whether it is about a commit that somebody chose: it need not be what `spec.ref` of its source leads to,
  /// in a clone that may lack that branch or tag.
  package var isPast = false
  /// Artifacts (`NAMESPACE/NAME`) that generators make at another commit or on the other side of a comparison:
  /// without them, a generator that uses one fails.
  package var madeElsewhere: Set<String> = []
  /// Whether to compute the digests of the sources' own artifacts.
  package var digestsSources = false
  package var revisions: [SourceMapping] = []
  package var originRevisions: [SourceMapping] = []
  package var compressor: Compressor
  package var algorithm: DigestAlgorithm = .sha256
  /// Whether an unset revision that is a source's is an error; else it is unknown.
  package var needsRevisions = true
  package var forbidsCrossNamespace = false
  /// Whether to warn of names on the command line that no source of the input has.
  package var warnsOfUnused = true
  /// Whether the report has the files of each artifact.
  package var keepsContent = false
  /// Archives of another build: what would be the same is not compressed again.
  package var known = KnownArchives()
  /// What this build and those whose requests are made of this one read of repositories.
  package let knownBlobs = KnownBlobs()
  /// Whether to digest every file.
  package var listsFiles = false
  /// Whether to keep what was excluded, and by which pattern.
  package var explains = false
  /// Where archives are written, as `<namespace>/<name>/<filename>`.
  package var outputDirectory: String?
  /// Whether to write the trees beside them.
  package var extracts = false
  /// What the build is about to write at any moment.
  package let unfinished = UnfinishedFiles()
  /// Directories of ours with files of the input, which exist as long as this does.
  package var folders: [OwnFolder] = []
  /// Where archives among the sources are unpacked to.
  package var temporaryFolder: String

  package init(inputs: [GeneratorInput], compressor: Compressor, temporaryFolder: String) {
    self.inputs = inputs
    self.compressor = compressor
    self.temporaryFolder = temporaryFolder
  }

  /// The names of the artifacts that the generators make, as far as they say them.
  package var madeNames: Set<String> {
    var names: Set<String> = []
    for input in inputs where input.generator.spec.pathPattern == nil {
      for artifact in input.generator.spec.artifacts {
        names.insert("\(input.namespace)/\(artifact.name)")
      }
    }
    return names
  }

  /// Whether a source lives in another namespace than its generator.
  package var crossesNamespaces: Bool {
    inputs.contains { input in
      input.generator.spec.sources.contains { ($0.namespace ?? input.namespace) != input.namespace }
    }
  }
}

/// What a build came to.
package struct BuildReport: Sendable {
  package let compressor: Compressor
  /// In the order of the input.
  package var items: [Item] = []
  /// Generators that fail as a whole.
  package var errors: [GeneratorError] = []
  package var warnings: [String] = []
  /// What is good to know and nothing to act upon, a sentence each.
  package var notes: [String] = []
  /// What stands for the sources, each once.
  package var sources: [SourceSummary] = []

  package var isComplete: Bool {
    errors.isEmpty
      && items.allSatisfy { item in
        if case .success = item.outcome { true } else { false }
      }
  }

  /// Everything that fails; not what only stands behind a failing artifact.
  package var failures: [GeneratorError] {
    errors
      + items.compactMap { item in
        guard item.status == .failed, case .failure(let failure) = item.outcome else { return nil }
        return GeneratorError(generator: item.generator, artifact: item.name, failure)
      }
  }

  /// Whether the time was over before everything was built.
  package var isCutShort: Bool {
    items.contains { item in
      if case .failure(.outOfTime) = item.outcome { true } else { false }
    }
  }

  /// One artifact.
  package struct Item: Sendable {
    package let generator: ObjectName
    package let name: String
    package let namespace: String
    package let labels: Object
    package let annotations: Object
    package let copy: [CopyOperation]
    /// With `explains`: what `exclude` kept out.
    package let exclusions: [Exclusion]
    /// With `explains`: files that were copied and that the archive leaves out.
    package let ignored: [IgnoredFile]
    package let outcome: Result<Built, BuildFailure>
    /// The artifact whose failure keeps the controller from coming to this one.
    package let blockedBy: String?

    package enum Status: String, Sendable {
      case built
      case failed
      /// The controller does not come to it, whatever would become of it.
      case blocked
    }

    package var status: Status {
      if blockedBy != nil { return .blocked }
      if case .success = outcome { return .built }
      return .failed
    }
  }

  package struct Built: Sendable {
    package let archive: ArchivedArtifact
    /// Nil where it is a source's, not set, and the request does not need it.
    package let revision: String?
    package let originRevision: String?
    /// The archive on disk, with `--output-dir`.
    package let path: String?
    /// What is in it, with `keepsContent`.
    package let content: StagedArtifact?
  }

  /// What fails: a generator as a whole, or one artifact of it.
  package struct GeneratorError: Sendable {
    package let generator: ObjectName
    /// Nil where no artifact of the generator is built.
    package let artifact: String?
    package let failure: GeneratorFailure
    /// What to do about it, where the controller's message does not say.
    package let hint: String?
  }

  /// Namespace and name of a generator.
  package struct ObjectName: Sendable, Hashable, CustomStringConvertible {
    package let namespace: String
    package let name: String

    package var description: String {
      "\(namespace)/\(name)"
    }

    /// As the name of a generator.
    package var generatorID: ObjectID {
      ObjectID(.artifactGenerator, namespace: namespace, name: name)
    }
  }
}

extension BuildReport.GeneratorError {
  init(generator: BuildReport.ObjectName, _ failure: GeneratorFailure) {
    self.init(generator: generator, artifact: nil, failure: failure, hint: nil)
  }

  /// As the controller reports an artifact that it cannot build: it tries again later.
  package init(
    generator: BuildReport.ObjectName, artifact: String, _ failure: BuildFailure
  ) {
    self.init(
      generator: generator, artifact: artifact,
      failure: GeneratorFailure(
        reason: .buildFailed, isTerminal: false,
        message: "\(artifact) build failed: \(failure.message)"),
      hint: failure.hint)
  }

  /// For people: the controller's words, and what to do about it where it does not say.
  package var text: String {
    failure.message + failure.stageNote + (hint.map { ": \($0)" } ?? "")
  }
}
