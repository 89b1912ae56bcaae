package import Archive
package import Content
package import Document
package import FluxModel
package import Generation

/// What `build` is asked for, resolved: no flags, no environment.
package struct BuildRequest: Sendable {
  package var inputs: [GeneratorInput]
  package var mappings: [SourceMapping] = []
  package var revisions: [SourceMapping] = []
  package var originRevisions: [SourceMapping] = []
  package var compressor: Compressor
  package var algorithm: DigestAlgorithm = .sha256
  package var forbidsCrossNamespace = false
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
  /// Where archives among the sources are unpacked to.
  package var temporaryFolder: String

  package init(inputs: [GeneratorInput], compressor: Compressor, temporaryFolder: String) {
    self.inputs = inputs
    self.compressor = compressor
    self.temporaryFolder = temporaryFolder
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

  package var isComplete: Bool {
    errors.isEmpty
      && items.allSatisfy { item in
        if case .success = item.outcome { true } else { false }
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
  }

  package struct Built: Sendable {
    package let archive: ArchivedArtifact
    package let revision: String
    package let originRevision: String?
    /// The archive on disk, with `--output-dir`.
    package let path: String?
  }

  package struct GeneratorError: Sendable {
    package let generator: ObjectName
    package let failure: GeneratorFailure
  }

  /// Namespace and name of a generator.
  package struct ObjectName: Sendable, Hashable, CustomStringConvertible {
    package let namespace: String
    package let name: String

    package var description: String {
      "\(namespace)/\(name)"
    }
  }
}
