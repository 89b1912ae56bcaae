// swift-tools-version: 6.2
import PackageDescription

// One set of settings for every target: a warning is an error, imports are internal by default.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

// What `--version` prints. A build from a checkout knows its commit; install.sh passes the date too.
let environment = Context.environment
let version = environment["ARTIFACTGEN_VERSION"] ?? "0.1.0"
let commit =
  environment["ARTIFACTGEN_COMMIT"]
  ?? Context.gitInformation.map { String($0.currentCommit.prefix(10)) } ?? "unknown"
let date = environment["ARTIFACTGEN_DATE"] ?? "unknown"

// Where the machine waits for the network or a person, size counts more than speed.
let small = strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

func module(
  _ name: String, _ dependencies: [Target.Dependency], settings: [SwiftSetting] = strict
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tool(_ name: String) -> Target {
  .executableTarget(name: name, dependencies: ["Commands"], swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name,
    dependencies: ["TestSupport"] + dependencies,
    swiftSettings: strict
  )
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "artifactgen",
  // For Synchronization; Linux has no such floor.
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "kubectl-artifactgen", targets: ["kubectl-artifactgen"]),
    .executable(name: "flux-externalartifact", targets: ["flux-externalartifact"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    // C libraries of the system, each behind one Swift file.
    // libcurl only lends its headers: CurlShim loads it when the first request is made, which halves
    // the start-up of everything that needs no cluster. So there is no pkg-config name here.
    .systemLibrary(
      name: "CCurl",
      providers: [.apt(["libcurl4-openssl-dev"]), .yum(["libcurl-devel"])]
    ),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(
      name: "CurlShim", dependencies: ["CCurl"], linkerSettings: [.linkedLibrary("dl")]),
    .target(
      name: "CBuildInfo",
      cSettings: [
        .define("ARTIFACTGEN_VERSION", to: "\"\(version)\""),
        .define("ARTIFACTGEN_COMMIT", to: "\"\(commit)\""),
        .define("ARTIFACTGEN_DATE", to: "\"\(date)\""),
      ]
    ),

    module("Text", []),
    .target(name: "CPlatform"),
    module("Platform", ["CPlatform", system], settings: small),
    module("Document", ["Text", "CYAML"]),
    module("Processes", ["Platform", system], settings: small),
    module("Content", ["Platform", "Text", crypto, system]),
    module("Objects", ["Document"]),
    module("Differences", ["Archive", "Content", "Document", "Objects", "Text"]),
    module("Archive", ["Content", "Text", "CZlib"]),
    module("HTTP", ["Platform", "Text"]),
    module("Curl", ["HTTP", "Platform", "Text", "CurlShim", "CCurl"], settings: small),
    module(
      "Kubeconfig", ["Document", "HTTP", "Platform", "Processes", "Text", system],
      settings: small),
    module(
      "KubeAPI", ["Objects", "Curl", "HTTP", "Kubeconfig", "Document", "Platform", "Text", system]),
    module(
      "Fetching",
      ["KubeAPI", "HTTP", "Objects", "Document", "Content", "Platform", "Text", crypto, system],
      settings: small),
    module("FluxModel", ["Objects", "Document", "Content", "Text"]),
    module("Generation", ["FluxModel", "Document", "Content", "Archive", "Text"]),
    module("Publishing", ["Generation", "Document", "Content", "Archive", "Text"]),
    module(
      "Linting",
      [
        "Rendering", "Publishing", "Generation", "FluxModel", "Objects", "Document", "Content",
        "Text",
      ]),
    module(
      "Rendering",
      ["Publishing", "Generation", "Objects", "Document", "Content", "Archive", "Text"]),
    module("Git", ["Processes", "Content", "Platform", system], settings: small),
    module(
      "Operations",
      [
        "Generation", "Publishing", "Linting", "Rendering", "Git", "Fetching", "FluxModel",
        "KubeAPI",
        "Differences", "Objects", "Document", "Content", "Archive", "Processes", "Platform", "Text",
        system,
      ],
      settings: small),
    module("Presentation", ["Document", "Text"], settings: small),
    module(
      "Commands",
      [
        argumentParser, "CBuildInfo", "Operations", "Presentation", "Linting", "Generation",
        "Rendering", "Fetching", "FluxModel", "KubeAPI", "Kubeconfig", "HTTP", "Differences",
        "Objects", "Document", "Content", "Archive", "Platform", "Text", system,
      ],
      settings: small),

    tool("kubectl-artifactgen"),
    tool("flux-externalartifact"),
    tool("docgen"),

    .target(
      name: "TestSupport",
      dependencies: [
        "Commands", "Operations", "Presentation", "FluxModel", "KubeAPI", "Kubeconfig", "HTTP",
        "Objects", "Document", "Text",
      ],
      path: "Tests/TestSupport",
      swiftSettings: strict
    ),
    tests("TextTests", ["Text"]),
    tests("PlatformTests", ["Platform", system]),
    tests("ProcessesTests", ["Processes", "Platform"]),
    tests("DocumentTests", ["Document", "Text"]),
    tests("ContentTests", ["Content", "Platform", "Text"]),
    tests("ObjectsTests", ["Objects", "Document", "Text"]),
    tests("DifferencesTests", ["Differences", "Content", "Document", "Objects", "Text"]),
    tests("ArchiveTests", ["Archive", "Content", "Text"]),
    .target(
      name: "LoopbackServer", path: "Tests/Support/LoopbackServer", swiftSettings: strict),
    tests("HTTPTests", ["LoopbackServer", "Curl", "HTTP", "Text"]),
    tests("CurlTests", ["LoopbackServer", "Curl", "HTTP", "Text"]),
    tests("KubeconfigTests", ["LoopbackServer", "Kubeconfig", "HTTP", "Document", "Text"]),
    tests(
      "KubeAPITests",
      ["LoopbackServer", "KubeAPI", "Curl", "Kubeconfig", "HTTP", "Objects", "Document", "Text"]),
    tests(
      "FetchingTests",
      ["Fetching", "KubeAPI", "HTTP", "Objects", "Document", "Content", "Platform", "Text", system]),
    tests("FluxModelTests", ["FluxModel", "Objects", "Document", "Content", "Text"]),
    tests(
      "GenerationTests", ["Generation", "FluxModel", "Document", "Content", "Archive", "Text"]),
    tests("LintingTests", ["Linting", "Document"]),
    tests("PublishingTests", ["Publishing", "Content", "Text"]),
    tests("RenderingTests", ["Rendering", "Content", "Document", "Objects", "Text"]),
    tests("GitTests", ["Git", "Content", "Platform"]),
    tests("PresentationTests", ["Presentation", "Document", "Text"]),
    tests(
      "OperationsTests",
      [
        "Operations", "Commands", "Presentation", "FluxModel", "KubeAPI", "Objects", "Document",
        "Archive", "Text",
      ]),
    tests(
      "CommandsTests",
      [
        "LoopbackServer", "Commands", "Operations", "Presentation", "FluxModel", "KubeAPI",
        "Kubeconfig", "HTTP", "Document", "Objects", "Archive", "Content", "Platform", "Text",
      ]),
    tests("ArchitectureTests", []),
  ]
)

// Targets for libFuzzer: only Tests/Fuzz/run asks for them.
if environment["ARTIFACTGEN_FUZZ"] != nil {
  package.targets.append(.target(name: "FuzzDriver", path: "Tests/Fuzz/driver"))
  package.targets.append(
    .target(
      name: "FuzzSupport", dependencies: ["Archive"], path: "Tests/Fuzz/support",
      swiftSettings: strict))
  for name in [
    "encoder", "fetched", "generator", "git", "glob", "ignore", "json", "kubeconfig", "layout",
    "tar", "websocket", "yaml",
  ] {
    package.targets.append(
      .executableTarget(
        name: "fuzz-\(name)",
        dependencies: [
          "Archive", "Content", "Document", "Fetching", "FluxModel", "FuzzDriver",
          "FuzzSupport", "Generation", "Git", "HTTP", "Kubeconfig", "Publishing",
        ],
        path: "Tests/Fuzz/fuzz-\(name)",
        swiftSettings: strict
      )
    )
  }
}
