package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func TestSBOM_lists_what_the_program_was_built_from(t *testing.T) {
	t.Parallel()
	text := sbom(&buildinfo.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{
		{Path: "example.com/a", Version: "v1.2.3"},
		{Path: "example.com/b", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/c", Version: "v2.0.0"}},
	}}, "v1.0.0")
	var got struct {
		BOMFormat  string
		Components []component
	}
	if err := json.Unmarshal(text, &got); err != nil || got.BOMFormat != "CycloneDX" {
		t.Fatalf("%v in %s", err, text)
	}
	var purls []string
	for _, c := range got.Components {
		purls = append(purls, c.PURL)
	}
	if want := []string{"pkg:golang/std@1.26.8", "pkg:golang/example.com/a@v1.2.3", "pkg:golang/example.com/c@v2.0.0"}; !slices.Equal(purls, want) {
		t.Errorf("got %q", purls)
	}
}

func TestCommitDate_is_needed_to_make_a_release_again(t *testing.T) {
	t.Parallel()
	of := func(revision, modified string) *buildinfo.BuildInfo {
		return &buildinfo.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.time", Value: "2026-11-30T12:00:00Z"}, {Key: "vcs.modified", Value: modified}}}
	}
	if got, err := commitDate(of("3a4370a", "false")); err != nil || !got.Equal(noon) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, info := range []*buildinfo.BuildInfo{{}, of("", "false"), of("3a4370a", "true")} {
		if _, err := commitDate(info); err == nil {
			t.Errorf("%v is no error", info.Settings)
		}
	}
}

func TestEnvironment_keeps_settings_of_this_machine_out(t *testing.T) {
	t.Parallel()
	settings := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(settings, []byte("GOAMD64=v3\nGOFLAGS=-tags=x\nGOEXPERIMENT=greenteagc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	outer := append(os.Environ(), "GOENV="+settings, "GOARM64=v9.0", "GOWORK="+settings, "GOFIPS140=latest", "CGO_ENABLED=1")
	names := []string{"GOOS", "GOARCH", "GOAMD64", "GOARM64", "CGO_ENABLED", "GOFIPS140", "GOWORK", "GOFLAGS", "GOEXPERIMENT"}
	for _, arch := range []string{"amd64", "arm64"} {
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"env"}, names...)...)
		cmd.Env = environment(outer, target{"darwin", arch})
		out, err := cmd.Output()
		want := "darwin\n" + arch + "\nv1\nv8.0\n0\noff\noff\n\n\n"
		if err != nil || string(out) != want {
			t.Errorf("%s: %q, %v; want %q", arch, out, err, want)
		}
	}
}

func TestDebianVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"v1.2.3": "1.2.3", "v1.2.3-rc1": "1.2.3~rc1", "v1.2.3-rc-1": "1.2.3~rc~1",
		"1.2.3-4-gabc12": "1.2.3+4+gabc12", "v1.2.3-rc1-4-gabc12": "1.2.3~rc1+4+gabc12", "v1.2.3-4-great": "1.2.3~4~great",
		"0.0.0+3a4370a": "0.0.0+3a4370a", "3a4370a": "3a4370a", "abc-dirty": "0~abc~dirty", "": "0~",
	} {
		if got := debianVersion(version); got != want {
			t.Errorf("%q: got %q, want %q", version, got, want)
		}
	}
}

func TestDebianVersion_sorts_like_releases(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("dpkg"); err != nil {
		t.Skip("no dpkg")
	}
	order := []string{"v1.2.2", "v1.2.2-3-gabc12", "v1.2.3-rc1", "v1.2.3-rc1-4-gabc12", "v1.2.3-rc2", "v1.2.3", "v1.2.3-1-gabc12", "v1.2.4-rc1"}
	for i, newer := range order[1:] {
		older := debianVersion(order[i])
		if err := exec.CommandContext(t.Context(), "dpkg", "--compare-versions", older, "lt", debianVersion(newer)).Run(); err != nil {
			t.Errorf("%s is not older than %s: %v", older, debianVersion(newer), err)
		}
	}
}

func TestDebianPackage(t *testing.T) {
	t.Parallel()
	d := debian{version: "v1.2.3", arch: "amd64", program: []byte("program"), date: noon}
	one, err := debianPackage(d)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := debianPackage(d); err != nil || !bytes.Equal(one, two) {
		t.Errorf("two packages of the same are different, %v", err)
	}
	members := members(t, one)
	if string(members["debian-binary"]) != "2.0\n" {
		t.Errorf("debian-binary is %q", members["debian-binary"])
	}
	if control := untar(t, members["control.tar.gz"])["./control"]; !strings.HasPrefix(control, "Package: mrsk\nVersion: 1.2.3\nArchitecture: amd64\n") {
		t.Errorf("control is %q", control)
	}
	data := untar(t, members["data.tar.gz"])
	for _, name := range []string{"./usr/share/man/man1/mrsk-deploy.1.gz", "./usr/share/bash-completion/completions/mrsk", "./usr/share/zsh/vendor-completions/_mrsk"} {
		if data[name] == "" {
			t.Errorf("the package lacks %s", name)
		}
	}
	if data["./usr/bin/mrsk"] != "program" {
		t.Errorf("the program is %q", data["./usr/bin/mrsk"])
	}
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("no dpkg-deb")
	}
	path := filepath.Join(t.TempDir(), "mrsk.deb")
	if err := os.WriteFile(path, one, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "dpkg-deb", "--contents", path).CombinedOutput(); err != nil || !strings.Contains(string(out), "-rwxr-xr-x root/root") {
		t.Errorf("dpkg-deb: %v\n%s", err, out)
	}
}

// members are the files of an archive of ar.
func members(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	rest, ok := bytes.CutPrefix(archive, []byte("!<arch>\n"))
	all := map[string][]byte{}
	for ok && len(rest) > 0 {
		var size int
		if _, err := fmt.Sscan(string(rest[48:58]), &size); err != nil || string(rest[58:60]) != "`\n" {
			t.Fatalf("header %q: %v", rest[:60], err)
		}
		all[strings.TrimSpace(string(rest[:16]))] = rest[60 : 60+size]
		rest = rest[60+size+size%2:]
	}
	return all
}

func untar(t *testing.T, packed []byte) map[string]string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || !h.ModTime.Equal(noon) {
			t.Errorf("%s: %v, of %v", h.Name, err, h.ModTime)
		}
		all[h.Name] = string(content)
	}
}

// smallRelease is a release whose program for this machine is a script.
func smallRelease(t *testing.T, url string) release {
	t.Helper()
	r := release{dir: t.TempDir(), version: "v1.2.3", url: url}
	for _, p := range targets {
		if err := r.write(p.name(), []byte("#!/bin/sh\necho 1.2.3\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.finish(); err != nil {
		t.Fatal(err)
	}
	return r
}

// install runs the installer of a release in a home of its own.
func install(t *testing.T, r release, env ...string) (output, home string, err error) {
	t.Helper()
	home = t.TempDir()
	cmd := exec.CommandContext(t.Context(), "sh", filepath.Join(r.dir, "install.sh"))
	cmd.Env = append(os.Environ(), append([]string{"HOME=" + home, "MRSK_DIR=" + filepath.Join(home, "bin")}, env...)...)
	out, err := cmd.CombinedOutput()
	return string(out), home, err
}

func TestInstaller_installs_what_has_the_right_checksum(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil || runtime.GOOS == "windows" {
		t.Skip("no curl")
	}
	served := t.TempDir()
	server := httptest.NewServer(http.FileServer(http.Dir(served)))
	t.Cleanup(server.Close)
	r := smallRelease(t, "file://"+served)
	if err := os.CopyFS(served, os.DirFS(r.dir)); err != nil {
		t.Fatal(err)
	}
	for name, env := range map[string]string{"a folder": "X=", "a server": "MRSK_URL=" + server.URL} {
		out, home, err := install(t, r, env)
		if _, missing := os.Stat(filepath.Join(home, "bin", "mrsk")); err != nil || missing != nil || !strings.Contains(out, "/bin/mrsk: 1.2.3\n") {
			t.Errorf("%s: %v, %v\n%s", name, err, missing, out)
		}
	}
}

func TestInstaller_refuses_what_has_another_checksum(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl")
	}
	for want, spoil := range map[string]func(r release) error{
		"is not that of checksums.txt": func(r release) error {
			for _, p := range targets {
				if err := r.write(p.name(), []byte("#!/bin/sh\necho evil\n")); err != nil {
					return err
				}
			}
			return nil
		},
		"checksums.txt does not name mrsk_":  func(r release) error { return r.write(sumsFile, []byte("0  other\n")) },
		"checksums.txt cannot be downloaded": func(r release) error { return os.Remove(filepath.Join(r.dir, sumsFile)) },
	} {
		r := smallRelease(t, "unused")
		if err := spoil(r); err != nil {
			t.Fatal(err)
		}
		out, home, err := install(t, r, "MRSK_URL=file://"+r.dir)
		if _, there := os.Stat(filepath.Join(home, "bin", "mrsk")); err == nil || there == nil || !strings.Contains(out, want) {
			t.Errorf("want %q: %v\n%s", want, err, out)
		}
	}
}

// only returns a folder with links to some programs, for a PATH.
func only(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skip("no " + name)
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestInstaller_says_which_program_it_needs(t *testing.T) {
	t.Parallel()
	r := smallRelease(t, "unused")
	usual := []string{"sh", "id", "uname", "mktemp", "rm", "grep", "cut"}
	for want, programs := range map[string][]string{
		"mrsk is not installed: it needs sha256sum or shasum\n": append(slices.Clone(usual), "curl"),
		"mrsk is not installed: it needs curl or wget\n":        append(slices.Clone(usual), "sha256sum"),
	} {
		out, _, err := install(t, r, "MRSK_URL=file://"+r.dir, "PATH="+only(t, programs...))
		if err == nil || out != want {
			t.Errorf("want %q: %v\n%s", want, err, out)
		}
	}
}

func TestInstaller_stays_with_https(t *testing.T) {
	t.Parallel()
	r := smallRelease(t, "unused")
	programs := only(t, "sh", "id", "uname", "mktemp", "rm", "grep", "cut", "sha256sum")
	if err := os.WriteFile(filepath.Join(programs, "curl"), []byte("#!/bin/sh\necho \"curl $*\" >&2\nexit 1\n"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	for url, want := range map[string]bool{"https://releases.example": true, "http://127.0.0.1": false, "file:///tmp": false} {
		out, _, err := install(t, r, "MRSK_URL="+url, "PATH="+programs)
		if err == nil || !strings.HasPrefix(out, "curl ") || strings.Contains(out, "--proto-redir =https ") != want {
			t.Errorf("%s: %v\n%s", url, err, out)
		}
	}
}

func TestFinish_names_the_checksums_of_all_files(t *testing.T) {
	t.Parallel()
	r := smallRelease(t, "https://releases.example/v1.2.3")
	sums, err := os.ReadFile(filepath.Join(r.dir, sumsFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"install.sh", "mrsk.rb", "mrsk_linux_amd64", "mrsk_darwin_arm64"} {
		content, err := os.ReadFile(filepath.Join(r.dir, name))
		if err != nil || !strings.Contains(string(sums), fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name)) {
			t.Errorf("%s: %v, checksums:\n%s", name, err, sums)
		}
	}
	rb, err := os.ReadFile(filepath.Join(r.dir, "mrsk.rb"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`version "1.2.3"`, `url "https://releases.example/v1.2.3/mrsk_darwin_arm64"`, "on_linux do\n    on_arm do",
		"=> \"mrsk\"\n    chmod 0755, bin/\"mrsk\"\n    generate_completions_from_executable(bin/\"mrsk\", \"completion\")\n",
	} {
		if !strings.Contains(string(rb), want) {
			t.Errorf("the formula lacks %q:\n%s", want, rb)
		}
	}
}
