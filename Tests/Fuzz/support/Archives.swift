package import Archive

/// Unpacks an input twice: as the archive that it may be, and as what an archive's gzip layer may contain.
///
/// - Parameters:
///   - vetting: Nil for what Flux's own untar takes.
///   - limit: Of the inflated bytes; nil where the vetting has one.
///   - check: Gets the sink of each after its end, whether the archive was taken or refused.
package func extract<Sink: ArchiveSink>(
  _ input: [UInt8], limit: Int64?, vetting: ArchiveVetting? = nil, into sink: () -> Sink,
  check: (Sink) -> Void = { _ in }
) {
  var packed: [UInt8] = []
  var encoder = GzipEncoder(compressor: .go126)
  input.withUnsafeBytes { bytes in
    encoder.write(bytes) { packed.append(contentsOf: $0) }
  }
  encoder.finish { packed.append(contentsOf: $0) }
  for archive in [input, packed] {
    var position = 0
    var sink = sink()
    try? TarExtraction.extract(
      { target in
        let count = min(target.count, archive.count - position)
        target.copyBytes(from: archive[position..<position + count])
        position += count
        return count
      },
      limit: limit, vetting: vetting, into: &sink)
    check(sink)
  }
}
