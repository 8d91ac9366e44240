package main

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// target is a platform that programs are built for. The code needs Unix: file locks, process groups, /bin/sh.
type target struct{ system, arch string }

var targets = []target{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}}

// name is the name of the program's file. The installer makes the same name from uname.
func (t target) name() string { return "mrsk_" + t.system + "_" + t.arch }

// release is a release in the making.
type release struct {
	dir, version, url string
}

//go:embed install.sh
var installer embed.FS

// make fills the folder of the release. The same commit, version, URL and version of Go
// make the same files, if the clone has no tags: Go writes the version that they give the commit into the programs.
func (r release) make(ctx context.Context) error {
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	for _, t := range targets {
		if err := r.program(ctx, t); err != nil {
			return err
		}
	}
	return r.finish()
}

// program builds the program for a platform, and what is made from it.
func (r release) program(ctx context.Context, t target) error {
	path := filepath.Join(r.dir, t.name())
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags", "-s -w -buildid= -X mrsk/internal/cli.Version="+r.version, "-o", path, "./cmd/mrsk")
	cmd.Env = environment(os.Environ(), t)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build for %s/%s: %w", t.system, t.arch, err)
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	date, err := commitDate(info)
	if err != nil {
		return err
	}
	if err := r.write(t.name()+".cdx.json", sbom(info, r.version)); err != nil {
		return err
	}
	if t.system != "linux" {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := debianPackage(debian{version: r.version, arch: t.arch, program: content, date: date})
	if err != nil {
		return err
	}
	return r.write("mrsk_"+t.arch+".deb", text)
}

// environment returns the environment for go build, with none of the user's settings that change a program.
func environment(outer []string, t target) []string {
	return append(slices.Clone(outer), "GOENV=off", "GOWORK=off", "GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off",
		"GOOS="+t.system, "GOARCH="+t.arch, "GOAMD64=v1", "GOARM64=v8.0", "CGO_ENABLED=0")
}

// commitDate is the date of all files in packages: that of the commit. A program that does not say which commit it is
// made from, or that has changes, cannot be made a second time: that is an error.
func commitDate(info *buildinfo.BuildInfo) (time.Time, error) {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["vcs.revision"] == "" || settings["vcs.modified"] != "false" {
		return time.Time{}, errors.New("the program has no commit, or has changes: build it in a fresh clone of the repository")
	}
	return time.Parse(time.RFC3339, settings["vcs.time"])
}

// finish writes what depends on the programs: installer, formula, and last the checksums of all files.
func (r release) finish() error {
	script, err := installer.ReadFile("install.sh")
	if err != nil {
		return err
	}
	if err := r.write("install.sh", []byte(strings.Replace(string(script), "@URL@", r.url, 1))); err != nil {
		return err
	}
	sums, err := r.sums()
	if err != nil {
		return err
	}
	if err := r.write("mrsk.rb", []byte(formula(r, sums))); err != nil {
		return err
	}
	return r.writeSums()
}

func (r release) write(name string, content []byte) error {
	return os.WriteFile(filepath.Join(r.dir, name), content, 0o644)
}

// sumsFile has the checksums in the form of sha256sum.
const sumsFile = "checksums.txt"

// sums are the checksums of all files of the release, by name.
func (r release) sums() (map[string]string, error) {
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(r.dir, e.Name()))
		if err != nil {
			return nil, err
		}
		all[e.Name()] = fmt.Sprintf("%x", sha256.Sum256(content))
	}
	delete(all, sumsFile)
	return all, nil
}

func (r release) writeSums() error {
	sums, err := r.sums()
	if err != nil {
		return err
	}
	text := ""
	for _, name := range sortedKeys(sums) {
		text += sums[name] + "  " + name + "\n"
	}
	return r.write(sumsFile, []byte(text))
}
