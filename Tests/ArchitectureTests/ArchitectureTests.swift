import TestSupport
import Testing

@Suite struct ArchitectureTests {
  /// Modules of the toolchain that cost nothing to speak of.
  private static let toolchain: Set = [
    "Swift", "Synchronization", "Dispatch", "FoundationEssentials",
  ]
  /// The C libraries of operating systems.
  private static let systems: Set = ["Glibc", "Musl", "Darwin"]

  /// Libraries that exactly one file may touch, because it owns their memory.
  @Test(arguments: ["CYAML", "CZlib"])
  func `each system library has one file`(library: String) throws {
    let importers = try SourceFile.all().filter { $0.imports.contains(library) }
    #expect(Set(importers.map(\.path)).count == 1)
  }

  /// libcurl has a module of its own.
  @Test func `only the module Curl touches libcurl`() throws {
    let importers = try SourceFile.all().filter {
      !$0.imports.isDisjoint(with: ["CCurl", "CurlShim"])
    }
    #expect(Set(importers.map(\.module)) == ["Curl"])
  }

  @Test func `imports are those of the table`() throws {
    let table = try ModuleTable()
    for file in try SourceFile.all() {
      let allowed = try #require(
        table.allowed[file.module],
        "ARCHITECTURE.md has no row for \(file.module)"
      )
      let strangers = file.imports.subtracting(allowed).subtracting(Self.toolchain)
        .subtracting(Self.systems)
      #expect(strangers == [], "\(file.path) imports what its row does not allow")
    }
  }

  /// `docgen` is not installed, and ends as every program does.
  @Test func `only Platform knows the operating system`() throws {
    for file in try SourceFile.all() where !["Platform", "docgen"].contains(file.module) {
      #expect(file.imports.isDisjoint(with: Self.systems), "\(file.path): it belongs in Platform")
    }
  }

  @Test func `every row is a module`() throws {
    let present = Set(
      filesBelow(ProjectFiles.root + "/Sources").map { String($0.prefix { $0 != "/" }) }
    )
    #expect(Set(try ModuleTable().allowed.keys) == present)
  }

  @Test func `no module imports upwards`() throws {
    let table = try ModuleTable()
    var settled: Set<String> = []
    // A module whose imports are all settled is settled: what is left over is in a circle.
    while true {
      let next = table.allowed.filter { name, imports in
        !settled.contains(name)
          && imports.allSatisfy { settled.contains($0) || table.allowed[$0] == nil }
      }
      if next.isEmpty { break }
      settled.formUnion(next.keys)
    }
    #expect(Set(table.allowed.keys).subtracting(settled) == [])
  }

  @Test func `nothing is public`() throws {
    for file in try SourceFile.all() {
      let declarations = file.lines.filter { line in
        let words = line.split(separator: " ").drop { $0.hasPrefix("@") }
        return words.first == "public" || words.first == "open"
          || words.first?.hasPrefix("public(") == true
      }
      #expect(declarations == [], "\(file.path): API between modules is `package`")
    }
  }

  @Test func `nothing imports Foundation`() throws {
    for file in try SourceFile.all() {
      let heavy = file.imports.filter {
        $0.hasPrefix("Foundation") && $0 != "FoundationEssentials"
      }
      #expect(heavy == [], "\(file.path): import FoundationEssentials")
    }
  }
}
