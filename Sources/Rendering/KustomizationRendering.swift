package import Content
package import Document
import Objects
import Text

/// A Flux Kustomization, from the artifact to the objects, but for `kubectl kustomize` in the middle:
/// that is the caller's.
package struct KustomizationRendering: Sendable {
  package let object: Value
  package let namespace: String
  package let name: String
  /// Nil where nothing is substituted.
  package let postBuild: PostBuild?

  /// - Parameters:
  ///   - namespace: of an object that names none.
  ///   - hides: whether a variable that is in no Secret is secret all the same, by its name.
  package init(
    _ object: Value, namespace: String,
    hides: @escaping @Sendable (String) -> Bool = { _ in false }
  ) {
    self.object = object
    self.namespace = object.namespace ?? namespace
    name = object.name ?? ""
    postBuild = PostBuild(of: object, hides: hides)
  }

  /// Everything that kubectl is to read.
  ///
  /// - Parameter refusesRemoteBases: whether the controller does (`--no-remote-bases`); here they are
  ///   never fetched.
  /// - Throws: `RenderFailure` for what the controller refuses, and for what would leave the artifact.
  package func input(
    in tree: FileTree, refusesRemoteBases: Bool = false
  ) throws(RenderFailure) -> KustomizeInput {
    let prepared = try KustomizationGenerator(tree, of: object).prepare()
    return try KustomizeScan.input(
      for: prepared, in: tree, refusesRemoteBases: refusesRemoteBases)
  }

  // MARK: - After the build

  /// Objects of one build that are taken; a cluster with more is not applied at once.
  private static let mostObjects = 5000

  /// The documents that kubectl printed.
  package static func documents(of output: [UInt8]) throws(RenderFailure) -> [[UInt8]] {
    let separator = Array("---\n".utf8)
    var documents: [[UInt8]] = []
    var current: [UInt8] = []
    var start = 0
    while start < output.count {
      let end = output[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? output.count
      let line = output[start..<end]
      if line.elementsEqual(separator) {
        documents.append(current)
        current = []
        guard documents.count < mostObjects else {
          throw RenderFailure(.build, "there are more than \(mostObjects) objects")
        }
      } else {
        current += line
      }
      start = end
    }
    documents.append(current)
    return documents.filter { !$0.isEmpty }
  }

  /// Substitutes, and adds what the controller adds.
  ///
  /// - Parameters:
  ///   - documents: of ``documents(of:)``.
  ///   - sources: one for each reference of ``postBuild``.
  package func consumer(
    of documents: [[UInt8]], sources: [PostBuild.Source], isStrict: Bool
  ) throws(RenderFailure) -> RenderedConsumer {
    var objects: [(text: [UInt8], value: Value)] = []
    for text in documents { objects.append((text, try Self.parsed(text))) }
    var consumer = RenderedConsumer(
      kind: "Kustomization", namespace: namespace, name: name)
    var results = [Substitution.Result?](repeating: nil, count: objects.count)
    if let postBuild, let first = objects.first {
      var substitution: Substitution
      do {
        substitution = try Substitution(postBuild, sources: sources, isStrict: isStrict)
      } catch {
        throw Self.failure(error, at: first.value)
      }
      var counts: [[String]: Int] = [:]
      for object in objects { counts[Self.key(of: object.value), default: 0] += 1 }
      for index in objects.indices {
        do {
          results[index] = try substitution.apply(to: objects[index].text, objects[index].value)
        } catch {
          throw Self.failure(error, at: objects[index].value)
        }
        guard let result = results[index] else { continue }
        counts[Self.key(of: objects[index].value), default: 1] -= 1
        objects[index] = (result.text, result.value)
        // What an object becomes must not be what another one is.
        let count = counts[Self.key(of: result.value), default: 0] + 1
        counts[Self.key(of: result.value)] = count
        guard count == 1 else {
          throw RenderFailure(.substitute, "in Replace: id matched \(count) resources")
        }
      }
      consumer.unknownVariables = substitution.unknown
      consumer.secrets = substitution.secrets
      consumer.unknownSources = zip(postBuild.references, sources).compactMap {
        guard case .unknown = $1, !$0.isOptional else { return nil }
        return $0.text
      }
    }
    for (object, result) in zip(objects, results) {
      if let encrypted = Encryption.refusal(
        of: object.value, shown: result?.masked ?? object.value, decrypts: decrypts)
      {
        throw RenderFailure(.sops, encrypted)
      }
      consumer.objects.append(
        RenderedObject(
          text: object.text, value: finished(object.value),
          shown: finished(result?.masked ?? object.value), secretCount: result?.secretCount ?? 0,
          isEncrypted: Encryption.isEncrypted(object.value)))
    }
    consumer.distinguishNames()
    return consumer
  }

  /// The same for what comes to the same objects.
  ///
  /// - Parameter sources: as for ``consumer(of:sources:isStrict:)``.
  package func key(of input: KustomizeInput, sources: [PostBuild.Source]) -> Digest {
    let spec = object["spec"]
    let parts: Value = [
      "name": .string(name), "namespace": .string(namespace),
      "input": .string("\(input.digest)"), "postBuild": spec?["postBuild"] ?? .null,
      "commonMetadata": spec?["commonMetadata"] ?? .null, "decrypts": .bool(decrypts),
      "sources": .array(sources.map(\.key)),
    ]
    return Digester.digest(JSON.write(parts, style: .compact))
  }

  private var decrypts: Bool { object["spec", "decryption"]?.object != nil }

  private static func parsed(_ text: [UInt8]) throws(RenderFailure) -> Value {
    let value: Value
    do {
      value = try YAML.converted(text)
    } catch {
      throw RenderFailure(.build, "kubectl printed no YAML: \(error)")
    }
    guard value.apiVersion?.isEmpty == false, value.kind?.isEmpty == false,
      value.name?.isEmpty == false
    else {
      throw RenderFailure(
        .check, "failed to decode Kubernetes apiVersion, kind and name from: \(identity(value))")
    }
    return value
  }

  private static func failure(_ error: SubstitutionError, at object: Value) -> RenderFailure {
    RenderFailure(.substitute, "post build failed for '\(identity(object))': \(error)")
  }

  /// `Deployment.v1.apps/app`, as kustomize writes it.
  static func identity(_ object: Value) -> String {
    let version = GroupVersion(parsing: object.apiVersion ?? "")
    let group = version.flatMap { $0.group.isEmpty ? nil : $0.group } ?? "[noGrp]"
    let kind = object.kind.flatMap { $0.isEmpty ? nil : $0 } ?? "[noKind]"
    return "\(kind).\(version?.version ?? "[noVer]").\(group)/\(object.name ?? "")"
  }

  /// What kustomize tells objects apart by.
  private static func key(of object: Value) -> [String] {
    [
      object.apiVersion ?? "", object.kind ?? "", object.namespace ?? "default", object.name ?? "",
    ]
  }

  // MARK: - What is applied

  private func finished(_ object: Value) -> Value {
    guard var fields = object.object, var metadata = fields["metadata"]?.object else {
      return object
    }
    add(
      [
        "kustomize.toolkit.fluxcd.io/name": .string(name),
        "kustomize.toolkit.fluxcd.io/namespace": .string(namespace),
      ], to: "labels", of: &metadata)
    // After the owner's labels: it may override them.
    for field in ["labels", "annotations"] {
      add(
        self.object["spec", "commonMetadata"]?[field]?.object ?? Object(), to: field, of: &metadata)
    }
    fields["metadata"] = .object(metadata)
    if object.kind != "CustomResourceDefinition" { fields["status"] = nil }
    return Value.object(fields).withSecretData
  }

  private func add(_ pairs: Object, to field: String, of metadata: inout Object) {
    guard !pairs.isEmpty else { return }
    var values = metadata[field]?.object ?? Object()
    for (key, value) in pairs { values[key] = value }
    metadata[field] = .object(values)
  }
}

extension Value {
  /// The object with the texts of a Secret (`stringData`) in its data, as the API server stores it.
  package var withSecretData: Value {
    guard kind == "Secret", apiVersion == "v1", var fields = object,
      let texts = fields["stringData"]?.object
    else { return self }
    var data = fields["data"]?.object ?? Object()
    for (key, value) in texts {
      guard let text = value.string else { return self }
      data[key] = .string(encodeBase64(text.utf8))
    }
    fields["stringData"] = nil
    fields["data"] = .object(data)
    return .object(fields)
  }
}
