import Commands
import Content
import Document
import Operations
import TestSupport
import Testing

@Suite struct DiffDetailTests {
  @Test func `of forty artifacts, the two that change, their files, objects and consumers`()
    async throws
  {
    let fleet = try Fleet(count: 40)
    try fleet.change("apps/app07/deploy.yaml", "1.0.0", "1.1.0")
    try fleet.change("apps/app31/deploy.yaml", "replicas: 1 # few", "replicas: 3 # many")
    let items = try await fleet.items(["--files", "--objects"])
    #expect(items.count == 40)
    let changed = items.filter { $0.value["change"] != "unchanged" }
    #expect(Set(changed.keys) == ["app07", "app31"])
    let seven = try #require(changed["app07"])
    #expect(seven["files"]?.array?.compactMap { $0["path"]?.string } == ["deploy.yaml"])
    #expect(seven["consumers"]?.array?.first?["effect"] == "reconciles")
    let text = await fleet.diff([]).output
    #expect(text.split(separator: "\n").filter { $0.hasPrefix("app") }.count == 2)
    #expect(
      text.hasSuffix("\nrolls:\n  Kustomization/app07 (app07)\n  Kustomization/app31 (app31)\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let object = try #require(seven["objects"]?.array?.first)
    #expect(object["kind"] == "Deployment")
    #expect(object["namespace"] == "prod")
    let field = try #require(object["fields"]?.array?.first)
    #expect(field["path"] == "spec.template.spec.containers[name=app].image")
    #expect(field["old"] == "example.com/app07:1.0.0")
    #expect(field["new"] == "example.com/app07:1.1.0")
    let other = try #require(changed["app31"]?["objects"]?.array?.first?["fields"]?.array?.first)
    #expect(other["path"] == "spec.replicas")
    #expect(items["app00"]?["objects"] == nil)
  }

  @Test func `a terminal shows objects, and a pipe the table`() async throws {
    let fleet = try Fleet()
    try fleet.change("apps/app01/deploy.yaml", "1.0.0", "1.1.0")
    let line =
      "spec.template.spec.containers[name=app].image: "
      + "example.com/app01:1.0.0 → example.com/app01:1.1.0"
    #expect(await fleet.diff([], terminal: true).output.contains(line))
    #expect(await fleet.diff(["--objects"]).output.contains(line))
    #expect(!(await fleet.diff([]).output.contains("spec.template")))
    #expect(!(await fleet.diff(["--no-objects"], terminal: true).output.contains("spec.template")))
  }

  @Test func `format, comments and order are no changes of objects`() async throws {
    let fleet = try Fleet()
    try fleet.change("apps/app01/deploy.yaml", "replicas: 1 # few", "replicas:   1")
    let outcome = await fleet.diff(["--objects"])
    #expect(outcome.status == 1)
    #expect(
      outcome.output.contains("no object changes: only the order, format or comments of 1 file"))
  }

  @Test func `beside other changes, what was only formatted is counted`() async throws {
    let fleet = try Fleet()
    try fleet.change("apps/app01/deploy.yaml", "replicas: 1 # few", "replicas:   1")
    try fleet.change("apps/app01/service.yaml", "kind: Service", "kind: Service\nspec: {x: z}")
    let output = await fleet.diff(["--objects"]).output
    #expect(output.contains("spec: added {\"x\":\"z\"}\n"), "\(output)")
    #expect(output.contains("  only the order, format or comments of 1 file\n"), "\(output)")
  }

  @Test func `an object that another artifact gets is named so`() async throws {
    let fleet = try Fleet()
    try fleet.project.git("mv", "apps/app00/service.yaml", "apps/app01/moved.yaml")
    let output = await fleet.diff(["--objects"]).output
    #expect(
      output.contains("- Service/prod/app00 (service.yaml, now in artifact app01)\n"), "\(output)")
    #expect(
      output.contains("+ Service/prod/app00 (moved.yaml, from artifact app00)\n"), "\(output)")
  }

  @Test func `files are listed with what happens to them`() async throws {
    let fleet = try Fleet()
    try fleet.project.write("apps/app00/new.txt", "a\nb\n")
    try fleet.project.remove("apps/app00/service.yaml")
    try fleet.change("apps/app00/deploy.yaml", "replicas: 1", "replicas: 2")
    try fleet.project.git("mv", "apps/app01/service.yaml", "apps/app01/svc.yaml")
    let stat = await fleet.diff(["--stat"]).output
    #expect(stat.contains("+ new.txt, +2 -0"))
    #expect(stat.contains("- service.yaml, +0 -3"))
    #expect(stat.contains("~ deploy.yaml, +1 -1"))
    #expect(stat.contains("> svc.yaml (was service.yaml)"))
    let names = await fleet.diff(["--name-only"]).output
    #expect(
      names
        == "apps/app00/deploy.yaml\napps/app00/new.txt\napps/app00/service.yaml\napps/app01/svc.yaml\n"
    )
  }

  @Test func `a directory that comes without files is named`() async throws {
    let fleet = try Fleet()
    try fleet.change("flux/generator.yaml", "apps/app00/**", "apps/app00/")
    try fleet.project.commit("the whole directory")
    // A submodule that source-controller does not clone, in a directory that nothing is in here either.
    try fleet.project.write("apps/app00/library/x", "")
    try fleet.project.remove("apps/app00/library/x")
    let commit = String(repeating: "1", count: 40)
    try fleet.project.git(
      "update-index", "--add", "--cacheinfo", "160000,\(commit),apps/app00/library")
    try fleet.project.git("commit", "-q", "-m", "library")
    let outcome = await fleet.diff(["--base", "HEAD~1", "--files"])
    #expect(outcome.status == 1)
    #expect(
      outcome.output.contains("\n  no file changes: only directories, such as app00/library/\n"),
      "\(outcome.output)\(outcome.errors)")
  }

  @Test func `git applies a patch with its secrets`() async throws {
    let fleet = try Fleet()
    let old = fleet.project.folder.path + "/old"
    try fleet.project.git("clone", "-q", fleet.project.path, old)
    try fleet.change("apps/app00/deploy.yaml", "replicas: 1", "replicas: 2")
    try fleet.project.write(
      "apps/app01/secret.yaml", "kind: Secret\napiVersion: v1\ndata: {a: b}\n")
    let patch = await fleet.diff(["-o", "diff", "--show-secrets"]).output
    let file = try fleet.project.folder.write("p.diff", patch)
    // The artifacts are apps/app00 and so on, and so are their directories here.
    try fleet.project.git("-C", old, "apply", "--check", file)
    #expect(
      await fleet.diff(["-o", "diff", "-U", "0", "--show-secrets"]).output.contains("@@ -7 +7 @@"))
  }

  @Test func `a file cannot control a terminal`() async throws {
    let fleet = try Fleet()
    try fleet.project.write("apps/app00/x\u{85}y.txt", "a\u{1B}[31m\n")
    try fleet.project.write("apps/app00/deploy.yaml", "spec: \"\\e[2J\"\n\"\\e\": 1\n")
    for options in [["-o", "diff"], ["--files"], ["--objects"], ["--name-only"]] {
      let outcome = await fleet.diff(options + ["--color", "never"], terminal: true)
      #expect(outcome.status == 1)
      #expect(!outcome.output.contains("\u{1B}"), "\(options)")
      #expect(!outcome.output.contains("\u{85}"), "\(options)")
      #expect(!outcome.errors.contains("\u{1B}"), "\(options)")
    }
    #expect(await fleet.diff(["-o", "diff"]).output.contains("+a\u{1B}[31m\n"))
  }

  @Test func `planted secrets are in no output`() async throws {
    let fleet = try Fleet()
    func plant(_ marker: String) throws {
      try fleet.project.write(
        "apps/app00/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  a: \(marker)\n  b: |\n    \(marker)\n"
      )
      try fleet.project.write("apps/app00/app.env", "DB_PASSWORD=\(marker)\n")
      try fleet.project.write("apps/app00/values.yaml", "db: {password: \(marker), user: x}\n")
    }
    try plant("PLANTEDone")
    try fleet.project.commit()
    try plant("PLANTEDother")
    let formats: [[String]] = [
      [], ["-o", "wide"], ["--files"], ["--stat"], ["--objects"], ["--objects", "--no-truncate"],
      ["-o", "diff"], ["-o", "diff", "--no-truncate"], ["-o", "json", "--files", "--objects"],
      ["-o", "yaml", "--stat", "--objects"], ["-o", "markdown"], ["-o", "github"],
      ["-o", "gitlab"], ["-o", "junit"], ["-o", "html"],
    ]
    for format in formats {
      for isTerminal in [false, true] {
        let outcome = await fleet.diff(format, terminal: isTerminal)
        #expect(outcome.status == 1, "\(format)")
        #expect(!outcome.output.contains("PLANTED"), "\(format)")
        #expect(!outcome.errors.contains("PLANTED"), "\(format)")
      }
    }
    let shown = await fleet.diff(["--objects", "--show-secrets"]).output
    #expect(shown.contains("stringData.a: PLANTEDone → PLANTEDother"))
    #expect(
      await fleet.diff(["--objects"]).output.contains("stringData.a: *** (changed, 10 to 12 bytes)")
    )
  }

  @Test func `a secret that another file or artifact repeats is in no output`() async throws {
    let fleet = try Fleet()
    let encoded = "UExBTlRFRC1rZWVwMQ=="
    // It stays as it is: the change is elsewhere.
    try fleet.project.write(
      "apps/app00/secret.yaml",
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: \(encoded)}\n")
    try fleet.project.write("apps/app02/app.env", "DB_PASSWORD=PLANTED-env2\n")
    try fleet.project.write(
      "apps/app02/one.yaml",
      "apiVersion: v1\nkind: Secret\nmetadata: {name: o}\nstringData: {a: PLANTED-old3}\n")
    func plant(_ marker: String, _ count: Int) throws {
      try fleet.project.write(
        "apps/app01/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: \(marker), b: postgres}\n"
      )
      try fleet.project.write(
        "apps/app02/map.yaml",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: postgres, labels: {app: postgres}}
        data:
          plain: \(marker)
          line: "connect to db as x with \(marker) every day"
          kept: PLANTED-keep1
          file\(count): PLANTED-env2
          renamed\(count): PLANTED-old3
          PLANTED-keep1: "\(count)"
          image: postgres:\(count)
          count: "\(count)"

        """)
      try fleet.project.write("apps/app00/notes.txt", "see \(marker), PLANTED-keep1, \(count)\n")
      try fleet.project.write("apps/app00/map.yaml", "kept\(count): PLANTED-keep1\n")
    }
    try plant("PLANTED-one1", 1)
    try fleet.project.commit()
    try plant("PLANTED-two2", 2)
    try fleet.project.git("mv", "apps/app02/one.yaml", "apps/app02/other.yaml")
    let formats: [[String]] = [
      ["--objects", "--no-truncate"], ["-o", "diff"], ["-o", "json", "--files", "--objects"],
      ["-o", "yaml", "--objects"], ["-o", "markdown"], ["-o", "github"], ["-o", "gitlab"],
      ["-o", "junit"], ["-o", "html"],
    ]
    for format in formats {
      let outcome = await fleet.diff(format)
      #expect(outcome.status == 1, "\(format)")
      for marker in ["PLANTED", "UExBTl"] {
        #expect(!outcome.output.contains(marker), "\(format)\n\(outcome.output)")
      }
    }
    let objects = await fleet.diff(["--objects"]).output
    #expect(objects.contains("data.plain: *** (changed, 12 bytes)"))
    #expect(objects.contains("data.count: \"1\" → \"2\""))
    // Names are shown anyway, and stand for other things elsewhere.
    #expect(objects.contains("ConfigMap/postgres"))
    #expect(objects.contains("data.image: postgres:1 → postgres:2"))
    let patch = await fleet.diff(["-o", "diff"]).output
    #expect(patch.contains("+see *** (12 bytes) (after), *** (13 bytes), 2\n"), "\(patch)")
  }

  @Test func `files that are secrets as a whole are in no output`() async throws {
    let fleet = try Fleet()
    func plant(_ marker: String) throws {
      for (name, content) in [
        (
          "apps/app00/kustomization.yaml",
          "secretGenerator: [{name: s, files: [bar.yaml], envs: [p.yaml]}]\n"
        ),
        ("apps/app00/bar.yaml", "hello: \(marker)\n"), ("apps/app00/p.yaml", "HELLO=\(marker)\n"),
        ("apps/app00/password.bin", "\(marker)\u{0}"), ("apps/app00/password.txt", marker),
        ("apps/app00/credentials.json", "{\"hello\": \"\(marker)\"}"),
        (
          "apps/app00/map.yaml",
          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  \"password=\(marker)\": x\n"
        ),
      ] { try fleet.project.write(name, content) }
    }
    try plant("PLANTED-one")
    try fleet.project.commit("one")
    try plant("PLANTED-two")
    let digests = ["PLANTED-one", "PLANTED-two"].flatMap { marker in
      [marker, marker + "\u{0}"].map { Digester.digest(Array($0.utf8)).hex }
    }
    for format in ["json", "yaml", "diff", "markdown", "html", "github", "table"] {
      let depth = format == "diff" ? [] : ["--objects", "--files"]
      let outcome = await fleet.diff(["-o", format] + depth)
      let text = outcome.output + outcome.errors
      // There is no finding for the annotations of GitHub.
      #expect(format == "github" || outcome.output.contains("app00"), "\(format)")
      for secret in ["PLANTED"] + digests { #expect(!text.contains(secret), "\(format): \(text)") }
    }
  }

  @Test func `what was encrypted is a secret in the open`() async throws {
    let fleet = try Fleet()
    func map(_ value: String, _ more: String) -> String {
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  foo: \(value)\n\(more)"
    }
    let encrypted = map(
      "ENC[AES256_GCM,data:aaaa,iv:a=,tag:b=,type:str]",
      "sops:\n  mac: ENC[AES256_GCM,data:cc,iv:a,tag:b,type:str]\n")
    for (old, new) in [(encrypted, map("PLANTED", "")), (map("PLANTED", ""), encrypted)] {
      try fleet.project.write("apps/app00/map.yaml", old)
      try fleet.project.commit("old")
      try fleet.project.write("apps/app00/map.yaml", new)
      for format in ["json", "diff", "markdown"] {
        let outcome = await fleet.diff(["-o", format] + (format == "json" ? ["--objects"] : []))
        #expect(outcome.output.contains("map.yaml"), "\(format)")
        #expect(!outcome.output.contains("PLANTED"), "\(outcome.output)")
      }
    }
  }

  @Test func `a path that is no longer there breaks its consumer`() async throws {
    let fleet = try Fleet()
    try fleet.project.write("flux/app01.yaml", Fleet.kustomization("app01", path: "./base"))
    try fleet.project.write("apps/app01/base/x.yaml", Fleet.service("x"))
    try fleet.project.commit()
    try fleet.project.remove("apps/app01/base")
    let outcome = await fleet.diff([])
    #expect(
      outcome.output.contains(
        "breaks:\n  Kustomization/app01 (app01): its path ./base is not in the artifact\n"))
    #expect(await fleet.diff(["-o", "wide"]).output.contains("Kustomization/app01 (breaks)"))
    #expect(await fleet.diff(["--fail-on", "breaks"]).status == 1)
    #expect(await fleet.diff(["--fail-on", "errors"]).status == 0)
  }

  @Test func `what prune deletes is dangerous`() async throws {
    let fleet = try Fleet()
    try fleet.project.write("flux/app02.yaml", Fleet.kustomization("app02", prune: false))
    try fleet.project.commit()
    try fleet.change("apps/app00/deploy.yaml", "1.0.0", "1.1.0")
    #expect(await fleet.diff(["--fail-on", "dangerous"]).status == 0)
    try fleet.project.remove("apps/app02/service.yaml")
    #expect(await fleet.diff(["--fail-on", "dangerous"]).status == 0)
    try fleet.project.remove("apps/app01/service.yaml")
    let outcome = await fleet.diff(["--fail-on", "dangerous"])
    #expect(outcome.status == 1)
    #expect(
      outcome.output.contains(
        "dangerous:\n  Kustomization/app01 deletes 1 object (app01)\n    Service/prod/app01\n"))
    #expect(await fleet.diff(["--fail-on", "breaks"]).status == 0)
    #expect(await fleet.diff([]).status == 1)
    // One that says so stays, and so does what another directory has.
    try fleet.project.write(
      "apps/app00/kept.yaml",
      "apiVersion: v1\nkind: Service\nmetadata: {name: k, annotations: "
        + "{kustomize.toolkit.fluxcd.io/prune: disabled}}\n")
    try fleet.project.write("flux/app03.yaml", Fleet.kustomization("app00", path: "./sub"))
    try fleet.project.write("apps/app00/sub/x.yaml", Fleet.service("x"))
    try fleet.project.write("apps/app01/service.yaml", Fleet.service("app01"))
    try fleet.project.commit()
    try fleet.project.remove("apps/app00/kept.yaml")
    #expect(await fleet.diff(["--fail-on", "dangerous"]).status == 0)
    try fleet.project.remove("apps/app01/service.yaml")
    // An object that only moves to another file stays.
    try fleet.project.write("apps/app01/all.yaml", Fleet.service("app01"))
    #expect(await fleet.diff(["--fail-on", "dangerous"]).status == 0)
  }

  @Test func `what is deleted does not depend on what is shown`() async throws {
    let fleet = try Fleet()
    try fleet.project.remove("apps/app00/service.yaml")
    for options in [[], ["--files"], ["--objects"], ["-o", "json"], ["-o", "markdown"]] {
      let outcome = await fleet.diff(options)
      let text = outcome.output.lowercased()
      #expect(text.contains("deletes") || text.contains("\"dangerous\""), "\(options): \(text)")
    }
  }

  @Test func `consumers in a file that cannot be read are not taken for deleted without a word`()
    async throws
  {
    let fleet = try Fleet()
    let file = "flux/app01.yaml"
    let good = try fleet.project.folder.read("repo/" + file)
    try fleet.project.write(file, good + "\na: [b\n")
    let outcome = await fleet.diff(["--fail-on", "breaks"])
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.contains("error parsing \(fleet.project.path)/\(file): "), "\(outcome.errors)")
    try fleet.project.commit("broken")
    try fleet.project.write(file, good)
    let repaired = await fleet.diff([])
    #expect(repaired.status == 2)
    #expect(repaired.errors.contains("error parsing HEAD:\(file): "), "\(repaired.errors)")
  }

  @Test func `fields can be ignored`() async throws {
    let fleet = try Fleet()
    try fleet.change("apps/app01/deploy.yaml", "replicas: 1", "replicas: 2")
    let outcome = await fleet.diff(["--objects", "--strip-attr", "spec.replicas"])
    #expect(!outcome.output.contains("spec.replicas: 1"))
    #expect(outcome.output.contains("1 ignored difference: spec.replicas\n"))
    let wrong = await fleet.diff(["--strip-attr", "a["])
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("invalid --strip-attr"))
  }

  @Test(arguments: [
    ["--files", "--stat"], ["--name-only", "-o", "json"], ["--files", "-o", "diff"],
    ["--name-only", "--objects"], ["-U", "3"], ["-U", "-1", "-o", "diff"], ["--fail-on", "all"],
    ["-o", "patch"], ["--max-length", "5000"], ["--max-length", "999", "-o", "markdown"],
    ["--show-secrets", "-o", "markdown"], ["--show-secrets", "-o", "github"],
    ["--show-secrets", "-o", "gitlab"], ["--show-secrets", "-o", "junit"],
    ["--show-secrets", "-o", "html"], ["--show-secrets", "--save", "json=/tmp/never-written"],
    ["--save", "pdf=/tmp/x"],
  ])
  func `flags that do not go together are said`(_ flags: [String]) async throws {
    let fleet = try Fleet(count: 1)
    let outcome = await fleet.diff(flags)
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
  }
}
