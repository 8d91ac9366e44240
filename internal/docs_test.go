package internal

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/golden"
)

// pages are the Markdown files of the project, from this folder.
func pages(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../lab/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[file] = string(text)
		}
	}
	return texts
}

// declaredNames are the names that Go files declare, as pages write them: package.Name,
// package.Type.method or package.Type.Field, and the functions of test files without a package.
func declaredNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, s := range sources(t) {
		for _, decl := range s.ast.Decls {
			for _, name := range namesOf(decl) {
				if s.isTest() {
					names[name] = true
				} else {
					names[s.ast.Name.Name+"."+name] = true
				}
			}
		}
	}
	return names
}

// namesOf are the names that a declaration declares.
func namesOf(decl ast.Decl) []string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		return []string{receiver(d.Recv.List[0].Type) + "." + d.Name.Name}
	case *ast.GenDecl:
		var all []string
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range s.Names {
					all = append(all, name.Name)
				}
			case *ast.TypeSpec:
				all = append(all, append(fields(s), s.Name.Name)...)
			}
		}
		return all
	}
	return nil
}

// receiver is the name of a receiver's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// fields are the fields of a struct, and the methods of an interface, behind the name of the type.
func fields(s *ast.TypeSpec) []string {
	var list *ast.FieldList
	switch t := s.Type.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list = t.Methods
	default:
		return nil
	}
	var all []string
	for _, f := range list.List {
		for _, name := range f.Names {
			all = append(all, s.Name.Name+"."+name.Name)
		}
	}
	return all
}

var (
	goName   = regexp.MustCompile("`([a-z][a-z0-9]*)\\.([A-Za-z]\\w*(?:\\.[A-Za-z]\\w*)?)`")
	testName = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z][A-Za-z0-9]*\w*\b`)
	filePath = regexp.MustCompile("`((?:internal|docs|lab|e2e|cmd|bench)/[^`\\s]*)`")
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)

	extensions = []string{"go", "json", "log", "md", "pem", "rb", "sh", "yaml", "yml"}
)

func TestDocs_name_what_the_code_declares(t *testing.T) {
	t.Parallel()
	names := declaredNames(t)
	packages := map[string]bool{}
	for name := range names {
		if pkg, _, found := strings.Cut(name, "."); found {
			packages[pkg] = true
		}
	}
	for file, text := range pages(t) {
		for _, m := range goName.FindAllStringSubmatch(text, -1) {
			if packages[m[1]] && !notGo(file, m[2]) && !names[m[1]+"."+m[2]] {
				t.Errorf("%s names %s.%s, which no Go file declares", file, m[1], m[2])
			}
		}
		for _, name := range testName.FindAllString(text, -1) {
			if !names[name] {
				t.Errorf("%s names %s, which no test file declares", file, name)
			}
		}
	}
}

// notGo reports whether a word behind a dot is the extension of a file or, in pages for users, the key
// of a section of the configuration.
func notGo(file, name string) bool {
	forUsers := !slices.Contains([]string{"architecture.md", "adding-a-command.md"}, path.Base(file))
	return slices.Contains(extensions, name) || forUsers && name == strings.ToLower(name)
}

func TestDocs_name_files_that_exist(t *testing.T) {
	t.Parallel()
	for file, text := range pages(t) {
		for _, m := range filePath.FindAllStringSubmatch(text, -1) {
			if found, err := filepath.Glob(filepath.Join("..", m[1])); err != nil || len(found) == 0 {
				t.Errorf("%s names %s, which is not there", file, m[1])
			}
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			checkLink(t, file, m[1])
		}
	}
}

// checkLink fails the test where a link inside the project leads nowhere.
func checkLink(t *testing.T, file, target string) {
	t.Helper()
	if strings.Contains(target, "://") {
		return
	}
	name, anchor, _ := strings.Cut(target, "#")
	to := file
	if name != "" {
		to = path.Join(path.Dir(file), name)
	}
	text, err := os.ReadFile(to)
	if err != nil {
		if _, err := os.Stat(to); err != nil {
			t.Errorf("%s links to %s: %v", file, target, err)
		}
		return
	}
	if anchor != "" && !slices.Contains(anchors(string(text)), anchor) {
		t.Errorf("%s links to %s, which has no such heading", file, target)
	}
}

// anchors are those of the headings of a page, as GitHub makes them.
func anchors(text string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		plain := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(plain, " ", "-"))
	}
	return all
}

// The table of layers in the docs is the one that the test of layers checks.
func TestLayers_in_the_docs(t *testing.T) {
	t.Parallel()
	var documented [][]string
	for _, cells := range golden.Table(t, "../docs/architecture.md", "## Layers") {
		var names []string
		for _, m := range regexp.MustCompile("`([a-z/]+)`").FindAllStringSubmatch(cells[1], -1) {
			names = append(names, m[1])
		}
		documented = append(documented, names)
	}
	if diff := cmp.Diff(layers, documented); diff != "" {
		t.Errorf("layers in arch_test.go (-) and in docs/architecture.md (+):\n%s", diff)
	}
}

func TestDocs_have_no_conflict_markers(t *testing.T) {
	t.Parallel()
	marker := regexp.MustCompile(`(?m)^(<{7}|>{7}|={7}$)`)
	for file, text := range pages(t) {
		if at := marker.FindString(text); at != "" {
			t.Errorf("%s has the conflict marker %s", file, at)
		}
	}
}

// The plan in adding-a-command.md is the one that the test of the planner compares.
func TestDocs_show_the_plan_of_the_golden_file(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile("deploy/testdata/manage/stop.golden")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```\n(stop on vm1\n.*?)```").FindStringSubmatch(pages(t)["../docs/adding-a-command.md"])
	if shown == nil {
		t.Fatal("docs/adding-a-command.md shows no plan")
	}
	for line := range strings.Lines(shown[1]) {
		if !strings.Contains(string(golden), "  "+line) {
			t.Errorf("docs/adding-a-command.md shows %q, which stop.golden lacks", line)
		}
	}
}
