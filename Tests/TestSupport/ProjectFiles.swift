/// Where things are in the checkout that the tests were built from.
package enum ProjectFiles {
  /// The root of the project, absolute.
  ///
  /// From this file's own path, because the folder that tests run in is nobody's promise.
  package static let root = String(
    #filePath.prefix(#filePath.utf8.count - "/Tests/TestSupport/ProjectFiles.swift".utf8.count)
  )
}

/// Inputs of tests, in `Tests/Fixtures`.
package enum Fixtures {
  package static let root = ProjectFiles.root + "/Tests/Fixtures"

  package static func path(_ name: String) -> String {
    "\(root)/\(name)"
  }

  /// The bytes of a fixture.
  package static func bytes(_ name: String) throws -> [UInt8] {
    try readFile(path(name))
  }

  package static func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }
}
