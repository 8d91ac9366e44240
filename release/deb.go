package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"time"

	"mrsk/internal/cli"
	"mrsk/internal/completion"
)

// debian is a package of Debian's in the making.
type debian struct {
	version, arch string
	program       []byte
	date          time.Time // of all files
}

// file is a file of a package, with its path from the root.
type file struct {
	path    string
	mode    int64
	content []byte
}

// debianPackage returns a package with the program, manual pages and completion.
func debianPackage(d debian) ([]byte, error) {
	files, err := d.files()
	if err != nil {
		return nil, err
	}
	size := 0
	for _, f := range files {
		size += len(f.content)
	}
	control, err := d.archive([]file{{"control", 0o644, []byte(d.control(size))}})
	if err != nil {
		return nil, err
	}
	data, err := d.archive(files)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("!<arch>\n")
	for _, f := range []file{{"debian-binary", 0, []byte("2.0\n")}, {"control.tar.gz", 0, control}, {"data.tar.gz", 0, data}} {
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8s%-10d`\n%s", f.path, d.date.Unix(), 0, 0, "100644", len(f.content), f.content)
		if len(f.content)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes(), nil
}

// control describes the package; size is what it takes when installed, in bytes.
func (d debian) control(size int) string {
	return fmt.Sprintf(`Package: mrsk
Version: %s
Architecture: %s
Maintainer: mrsk <mrsk@localhost>
Installed-Size: %d
Recommends: openssh-client, git, docker.io | docker-ce
Section: admin
Priority: optional
Description: deploy web apps as containers with zero downtime
 mrsk brings the image of a web app to plain servers over SSH, and rolls it
 out behind Traefik, on all servers or none.
`, debianVersion(d.version), d.arch, (size+1023)/1024)
}

// sinceTag is what git describe adds for commits after a tag.
var sinceTag = regexp.MustCompile(`-([0-9]+)-(g[0-9a-f]+)$`)

// debianVersion makes a version that begins with a digit and has no hyphen, as Debian wants. Debian sorts "~" before
// the end of a version, where a pre-release belongs, and "+" after it, where commits after a tag belong.
func debianVersion(version string) string {
	v := sinceTag.ReplaceAllString(strings.TrimPrefix(version, "v"), "+$1+$2")
	v = strings.ReplaceAll(v, "-", "~")
	if v == "" || v[0] < '0' || v[0] > '9' {
		return "0~" + v
	}
	return v
}

func (d debian) files() ([]file, error) {
	files := []file{{"usr/bin/mrsk", 0o755, d.program}}
	for shell, place := range map[completion.Shell]string{
		completion.Bash: "usr/share/bash-completion/completions/mrsk",
		completion.Fish: "usr/share/fish/vendor_completions.d/mrsk.fish",
		completion.Zsh:  "usr/share/zsh/vendor-completions/_mrsk",
	} {
		script, err := cli.CompletionScript(shell)
		if err != nil {
			return nil, err
		}
		files = append(files, file{place, 0o644, script})
	}
	for name, page := range cli.ManPages() {
		packed, err := compressed([]byte(page))
		if err != nil {
			return nil, err
		}
		files = append(files, file{"usr/share/man/man1/" + name + ".gz", 0o644, packed})
	}
	return files, nil
}

// archive is a compressed tar of files, in the order of their paths, each after its folders.
func (d debian) archive(files []file) ([]byte, error) {
	all := map[string]file{}
	for _, f := range files {
		all["./"+f.path] = f
		for dir := path.Dir(f.path); dir != "."; dir = path.Dir(dir) {
			all["./"+dir+"/"] = file{}
		}
	}
	all["./"] = file{}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range sortedKeys(all) {
		f := all[name]
		h := &tar.Header{Name: name, Mode: f.mode, Size: int64(len(f.content)), ModTime: d.date, Typeflag: tar.TypeReg, Format: tar.FormatGNU, Uname: "root", Gname: "root"}
		if strings.HasSuffix(name, "/") {
			h.Mode, h.Typeflag = 0o755, tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return compressed(b.Bytes())
}

// compressed is content in gzip, without name and date.
func compressed(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(w, bytes.NewReader(content)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
