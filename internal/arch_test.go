// Package internal holds the architecture test: what packages may know of each other.
package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers is the layer diagram. A package imports only from rows below its own.
var layers = [][]string{
	{"cli"},
	{"doctor"},
	{"workflow", "inspect", "session"},
	{"apply", "observe"},
	{"deploy", "lock", "image", "hook", "secrets", "vault", "scaffold", "completion"},
	{"app", "accessory", "traefik", "prune", "server", "fleet"},
	{"plan", "facts"},
	{"docker", "script", "git", "local", "report", "trace"},
	{"config", "shell", "ui", "timings", "eventjson", "output", "remote", "registry"},
	{"yamltree", "erb", "redact", "event", "otlp", "textfile", "hostname", "diagnose", "traefik/page", "traefik/client"},
	{"ansi"},
}

// forTests are packages that only test files import.
var forTests = []string{"testhost", "testhost/engine", "testhost/engine/client", "testfleet", "testterminal", "golden", "otlp/otlptest", "registry/registrytest", "simulation"}

// pure packages decide and render. What they return depends on their arguments alone.
var pure = []string{
	"deploy", "app", "accessory", "traefik", "prune", "server", "plan", "facts",
	"docker", "shell", "redact", "event", "timings", "report", "trace", "otlp", "eventjson", "yamltree", "erb", "hostname", "ansi",
}

// worldly is what a pure package must not import, with the reason.
var worldly = map[string]string{
	"context":     "whoever takes a context can wait",
	"os":          "it reads and changes the machine",
	"net":         "it opens connections",
	"net/http":    "it opens connections",
	"crypto/rand": "a plan made twice must be the same",
	"sync":        "it starts nothing that could run beside it",
}

// owned imports belong to few packages. Directories are those of the module.
var owned = map[string][]string{
	"github.com/spf13/cobra":     {"internal/cli"},
	"golang.org/x/crypto/ssh":    {"internal/remote", "internal/testhost"},
	"cuelabs.dev/go/oci":         {"internal/registry"},
	"google.golang.org/protobuf": {"internal/otlp/otlptest"},
	"go.opentelemetry.io":        {"internal/otlp/otlptest"},
	"os/exec":                    {"internal/local", "internal/testhost", "lab", "e2e", "bench", "release"},
	"testing":                    {"internal/testhost", "internal/testfleet", "internal/golden", "e2e"},
}

// source is one Go file.
type source struct {
	path string // from the root of the module, with slashes
	ast  *ast.File
	fset *token.FileSet
}

func (s source) dir() string  { return path.Dir(s.path) }
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) at(p token.Pos) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(p).Line)
}

// name is the package's name if it is one of internal's, else "".
func (s source) name() string { return internalName("mrsk/" + s.dir()) }

func internalName(importPath string) string {
	name, found := strings.CutPrefix(importPath, "mrsk/internal/")
	if !found {
		return ""
	}
	return name
}

func (s source) imports() []string {
	var out []string
	for _, spec := range s.ast.Imports {
		out = append(out, strings.Trim(spec.Path.Value, `"`))
	}
	return out
}

// sources reads all Go files of the module. It reads files, not what go list says, as the test
// cache notices only what a test opens itself.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	fset := token.NewFileSet()
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		parsed, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		all = append(all, source{filepath.ToSlash(strings.TrimPrefix(name, ".."+string(filepath.Separator))), parsed, fset})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d Go files found", len(all))
	}
	return all
}

func row(name string) int {
	return slices.IndexFunc(layers, func(names []string) bool { return slices.Contains(names, name) })
}

func TestPackages_import_only_from_rows_below_their_own(t *testing.T) {
	for _, s := range sources(t) {
		name := s.name()
		if name == "" || s.isTest() || slices.Contains(forTests, name) {
			continue
		}
		if row(name) < 0 {
			t.Errorf("%s: package %s has no row in the layer diagram", s.path, name)
			continue
		}
		for _, imported := range s.imports() {
			other := internalName(imported)
			if other != "" && row(other) >= 0 && row(other) <= row(name) {
				t.Errorf("%s: %s (row %d) imports %s (row %d), which does not lie below it", s.path, name, row(name)+1, other, row(other)+1)
			}
		}
	}
}

func TestTest_packages_are_imported_by_tests_only(t *testing.T) {
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			if slices.Contains(forTests, internalName(imported)) && !s.isTest() && !slices.Contains(forTests, s.name()) {
				t.Errorf("%s imports %s, which is for tests", s.path, imported)
			}
		}
	}
}

func TestImports_stay_with_the_packages_that_own_them(t *testing.T) {
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			for lib, owners := range owned {
				if !s.isTest() && within(imported, lib) && !slices.ContainsFunc(owners, func(o string) bool { return within(s.dir(), o) }) {
					t.Errorf("%s imports %s, which only %s may", s.path, imported, strings.Join(owners, ", "))
				}
			}
		}
	}
}

func within(name, root string) bool {
	return name == root || strings.HasPrefix(name, root+"/")
}

func TestPure_packages_touch_nothing(t *testing.T) {
	for _, s := range sources(t) {
		if !slices.Contains(pure, s.name()) || s.isTest() {
			continue
		}
		for _, imported := range s.imports() {
			if why, found := worldly[imported]; found {
				t.Errorf("%s imports %s: %s", s.path, imported, why)
			}
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s starts a goroutine", s.at(n.Pos()))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After"}, n.Sel.Name) {
					t.Errorf("%s asks the clock: time.%s", s.at(n.Pos()), n.Sel.Name)
				}
			}
			return true
		})
	}
}

// Configuration is read from files, and from nothing else.
func TestConfig_neither_waits_nor_starts_anything(t *testing.T) {
	for _, s := range sources(t) {
		if s.name() != "config" || s.isTest() {
			continue
		}
		if slices.Contains(s.imports(), "context") {
			t.Errorf("%s takes a context", s.path)
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s starts a goroutine", s.at(n.Pos()))
			}
			return true
		})
	}
}

// sendersOfWires are the packages that may take a line as a shell is given it, with its secrets: those
// that send it, and the one that keeps a hash of it.
var sendersOfWires = []string{"script", "session", "accessory"}

func TestWires_are_taken_by_what_sends_them(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || slices.Contains(sendersOfWires, s.name()) {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok && call.Sel.Name == "Wire" {
				t.Errorf("%s takes the wire form of a line: join lines with the methods of shell.Line", s.at(n.Pos()))
			}
			return true
		})
	}
}
