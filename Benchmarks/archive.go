// Command archive makes OUT/N.tar.gz of each given folder with Go's own tar and gzip, headers as
// Flux's artifact storage has them: what the controller's last step costs, without its staging.
package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	for i, folder := range os.Args[2:] {
		file, err := os.Create(filepath.Join(os.Args[1], fmt.Sprint(i, ".tar.gz")))
		check(err)
		digest := sha256.New()
		zip := gzip.NewWriter(io.MultiWriter(digest, file))
		archive := tar.NewWriter(zip)
		check(filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
			check(err)
			name, err := filepath.Rel(folder, path)
			check(err)
			if info.IsDir() {
				return archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o750})
			}
			header := tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: info.Size()}
			check(archive.WriteHeader(&header))
			content, err := os.Open(path)
			check(err)
			defer content.Close()
			_, err = io.Copy(archive, content)
			return err
		}))
		check(archive.Close())
		check(zip.Close())
		check(file.Close())
		_ = digest.Sum(nil)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
