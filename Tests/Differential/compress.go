// Command compress answers, for many inputs at once, what Go's own compress/gzip makes of them.
//
// It reads cases from standard input until its end and answers each on standard output. All
// numbers are little-endian. A case is one byte, the kind; a uint32, the number of sizes; the
// sizes, a uint32 each; a uint32, the length of the data; the data. The answer is a uint64, the
// length of the compressed stream, and its SHA-256.
//
// Kind 'g' writes the data to gzip in pieces of the given sizes. Kind 't' makes a tar archive of
// files of the given sizes, copied into it in reads of at most 32 KiB. What is left of the data
// after the last size is one more piece.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

func main() {
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriter(os.Stdout)
	for {
		kind, err := in.ReadByte()
		if err == io.EOF {
			break
		}
		sizes := make([]uint32, number(in))
		for i := range sizes {
			sizes[i] = number(in)
		}
		data := make([]byte, number(in))
		check(io.ReadFull(in, data))
		if len(os.Args) > 1 { // A dump of the compressed streams, to look into a difference.
			out.Write(compress(kind, data, sizes))
			continue
		}
		result := compress(kind, data, sizes)
		sum := sha256.Sum256(result)
		check(0, binary.Write(out, binary.LittleEndian, uint64(len(result))))
		check(out.Write(sum[:]))
	}
	check(0, out.Flush())
}

func compress(kind byte, data []byte, sizes []uint32) []byte {
	var result bytes.Buffer
	zip := gzip.NewWriter(&result)
	archive := tar.NewWriter(zip)
	for i, size := range append(sizes, uint32(len(data))) {
		piece := data[:min(int(size), len(data))]
		data = data[len(piece):]
		if kind == 'g' {
			check(zip.Write(piece))
			continue
		}
		header := tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprint("file-", i), Mode: 0o600}
		header.Size = int64(len(piece))
		check(0, archive.WriteHeader(&header))
		// Hiding WriterTo and ReaderFrom makes io.Copy use its buffer of 32 KiB.
		check(io.Copy(struct{ io.Writer }{archive}, struct{ io.Reader }{bytes.NewReader(piece)}))
	}
	if kind == 't' {
		check(0, archive.Close())
	}
	check(0, zip.Close())
	return result.Bytes()
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func number(in io.Reader) (value uint32) {
	check(0, binary.Read(in, binary.LittleEndian, &value))
	return value
}

func check[Count int | int64](_ Count, err error) {
	if err != nil {
		panic(err)
	}
}
