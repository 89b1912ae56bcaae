import Document
import Testing

@testable import Objects

@Suite struct ObjectsTests {
  @Test(arguments: [
    ("", "v1", "configmaps", "v1", "configmaps", "configmap"),
    ("apps", "v1", "deployments", "apps/v1", "deployments.apps", "deployment.apps"),
  ])
  func `names of a type are joined with its group`(
    group: String, version: String, plural: String, apiVersion: String, groupResource: String,
    groupSingular: String
  ) {
    let type = ResourceType(
      group: group, version: version, kind: "X", plural: plural, singular: String(plural.dropLast())
    )
    #expect(type.apiVersion == apiVersion)
    #expect(type.groupResource == groupResource)
    #expect(type.groupSingular == groupSingular)
  }

  @Test func `a type without a singular is named after its kind`() {
    let type = ResourceType(group: "g", version: "v1", kind: "Foo", plural: "foos", singular: "")
    #expect(type.groupSingular == "foo.g")
  }

  @Test(arguments: [
    ("v1", "", "v1"), ("apps/v1", "apps", "v1"), ("a.b/v1beta1", "a.b", "v1beta1"),
  ])
  func `apiVersion is read and written`(text: String, group: String, version: String) {
    let parsed = GroupVersion(parsing: text)
    #expect(parsed == GroupVersion(group: group, version: version))
    #expect(parsed?.description == text)
  }

  @Test func `apiVersion has at most one slash`() {
    #expect(GroupVersion(parsing: "a/b/c") == nil)
  }

  @Test func `metadata is read`() {
    let object: Value = [
      "apiVersion": "v1", "kind": "X",
      "metadata": [
        "name": "n", "namespace": "s", "uid": "u", "resourceVersion": "7", "generation": 3,
        "creationTimestamp": "2025-01-01T00:00:00Z", "labels": ["a": "b"],
        "annotations": ["c": "d", "odd": 1], "finalizers": ["f"],
      ],
    ]
    #expect(object.apiVersion == "v1")
    #expect(object.name == "n")
    #expect(object.namespace == "s")
    #expect(object.uid == "u")
    #expect(object.resourceVersion == "7")
    #expect(object.generation == 3)
    #expect(object.creationTimestamp == "2025-01-01T00:00:00Z")
    #expect(object.deletionTimestamp == nil)
    #expect(object.labels == ["a": "b"])
    #expect(object.annotations == ["c": "d"])
  }

  @Test(arguments: [[:], ["metadata": .null], ["metadata": ["name": 1, "labels": []]]] as [Value])
  func `what is missing or of another type is nil`(object: Value) {
    #expect(object.name == nil)
    #expect(object.namespace == nil)
    #expect(object.labels.isEmpty)
  }

  @Test func `an object refers to itself`() {
    let object: Value = [
      "apiVersion": "g/v1", "kind": "X", "metadata": ["name": "n", "namespace": "s"],
    ]
    let reference = ObjectReference(to: object)
    #expect(reference?.description == "X/s/n")
    #expect(reference?.group == "g")
    #expect(ObjectReference(to: ["kind": "X", "metadata": ["name": "n"]]) == nil)
    let cluster: Value = [
      "apiVersion": "v1", "kind": "X", "metadata": ["name": "n", "namespace": ""],
    ]
    #expect(ObjectReference(to: cluster)?.description == "X/n")
  }

  @Test(arguments: [
    ("storageclass.storage", "storageclasses"), ("sc.storage.k8s", "storageclasses"),
    ("storageclass.storage.k8s.io", "storageclasses"), ("sc.k8s", nil), ("sc.v1.storage", nil),
    ("storageclass.", nil),
  ])
  func `the beginning of a group is enough`(word: String, plural: String?) {
    let type = ResourceType(
      group: "storage.k8s.io", version: "v1", kind: "StorageClass", plural: "storageclasses",
      singular: "storageclass", shortNames: ["sc"], isNamespaced: false)
    #expect(KindWord(word).first(of: [type])?.plural == plural)
  }
}
