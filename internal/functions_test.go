package internal

import (
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"mvdan.cc/sh/v3/syntax"

	"mrsk/internal/accessory"
	"mrsk/internal/docker"
	"mrsk/internal/lock"
	"mrsk/internal/script"
	"mrsk/internal/server"
	"mrsk/internal/shell"
	"mrsk/internal/traefik"
)

// libraries are all files of shell functions that steps call.
var libraries = []*shell.Library{
	accessory.Functions, docker.Functions, lock.Functions, script.Functions, server.Functions, traefik.Functions, traefik.InsideFunctions,
}

// nested are the functions that run a function of the proxy's container, and the place of its name
// among their arguments.
var nested = map[string]int{"in_proxy": 1, "into_proxy": 1, "beside_proxy": 2, "within": 2}

// always are the files whose functions are sent with every script.
var always = []string{"script/sh/base.sh", "script/sh/plain.sh", "script/sh/session.sh"}

func parse(t *testing.T, name, text string) *syntax.File {
	t.Helper()
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX), syntax.KeepComments(true)).Parse(strings.NewReader(text), name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// declared returns the functions that a file declares at its top level.
func declared(file *syntax.File) map[string]*syntax.Stmt {
	all := map[string]*syntax.Stmt{}
	for _, s := range file.Stmts {
		if f, ok := s.Cmd.(*syntax.FuncDecl); ok {
			all[f.Name.Value] = s
		}
	}
	return all
}

// called returns the words of all commands in node that are literals, "" for any other word.
func called(node syntax.Node) [][]string {
	var all [][]string
	syntax.Walk(node, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.CallExpr); ok && len(c.Args) > 0 {
			words := make([]string, len(c.Args))
			for i, a := range c.Args {
				words[i] = a.Lit()
			}
			all = append(all, words)
		}
		return true
	})
	return all
}

// scope are the functions that the functions of a library can call, by name.
func scope(l *shell.Library) map[string]*shell.Function {
	names := map[string]*shell.Function{}
	for _, other := range libraries {
		if other != traefik.InsideFunctions {
			maps.Copy(names, byName(other))
		}
	}
	if l == traefik.InsideFunctions {
		clear(names)
	}
	maps.Copy(names, byName(l))
	return names
}

func byName(l *shell.Library) map[string]*shell.Function {
	names := map[string]*shell.Function{}
	for _, f := range l.Functions() {
		names[f.Name()] = f
	}
	return names
}

// needs are the functions that a declaration calls, itself left out.
func needs(name string, decl *syntax.Stmt, scope map[string]*shell.Function) []*shell.Function {
	inside := byName(traefik.InsideFunctions)
	var all []*shell.Function
	add := func(f *shell.Function) {
		if f != nil && f != scope[name] && !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	for _, words := range called(decl) {
		f := scope[words[0]]
		add(f)
		if at := nested[words[0]]; f != nil && at > 0 && at < len(words) {
			add(inside[words[at]])
		}
	}
	return all
}

func names(functions []*shell.Function) []string {
	var all []string
	for _, f := range functions {
		all = append(all, f.Name())
	}
	slices.Sort(all)
	return all
}

// shellFiles are the files that hold shell functions.
func shellFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*/sh/*.sh")
	if err != nil || len(files) < 9 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

func TestEvery_shell_function_has_one_Go_name(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, name := range shellFiles(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(always, name) {
			want = slices.AppendSeq(want, maps.Keys(declared(parse(t, name, string(text)))))
		}
	}
	for _, l := range libraries {
		got = append(got, names(l.Functions())...)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("functions in .sh files (-) and in Go (+):\n%s", diff)
	}
}

func TestShell_functions_need_what_they_call(t *testing.T) {
	t.Parallel()
	for _, l := range libraries {
		decls := declared(parse(t, "", l.Source()))
		for _, f := range l.Functions() {
			want := names(needs(f.Name(), decls[f.Name()], scope(l)))
			if diff := cmp.Diff(want, names(f.Needs())); diff != "" {
				t.Errorf("%s: it calls (-), and Go says (+):\n%s", f.Name(), diff)
			}
		}
	}
}

// A call by its name in the shell would not bring the function into the script.
func TestGo_calls_shell_functions_by_their_Go_names(t *testing.T) {
	t.Parallel()
	var all []string
	for _, l := range libraries {
		if l != traefik.InsideFunctions {
			all = append(all, names(l.Functions())...)
		}
	}
	inText := regexp.MustCompile(`(?:^|\$\(|[|&;{(!]\s*|\n\s*)(?:` + strings.Join(all, "|") + `)(?:[\s;)]|$)`)
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		used := map[ast.Expr]bool{}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			selected, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			used[selected.X] = used[selected.X] || selected.Sel.Name == "Uses"
			text := literals(call)
			from, _ := selected.X.(*ast.Ident)
			switch {
			case from == nil || from.Name != "shell" || used[call]:
			case selected.Sel.Name == "Cmd" && slices.Contains(all, text[0]):
				t.Errorf("%s: %s is a shell function: call it by its Go name", s.at(call.Pos()), text[0])
			case selected.Sel.Name == "Text" || selected.Sel.Name == "Raw":
				if found := inText.FindString(strings.Join(text, "x")); found != "" {
					t.Errorf("%s: %q calls a shell function: say so with Uses", s.at(call.Pos()), found)
				}
			}
			return true
		})
	}
}

// literals are the strings that are written in the arguments of a call, and "" at least.
func literals(call *ast.CallExpr) []string {
	var all []string
	for _, arg := range call.Args {
		ast.Inspect(arg, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				text, _ := strconv.Unquote(l.Value)
				all = append(all, text)
			}
			return true
		})
	}
	return append(all, "")
}

func TestShell_files_are_formatted(t *testing.T) {
	t.Parallel()
	for _, name := range shellFiles(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var formatted strings.Builder
		printer := syntax.NewPrinter(syntax.Indent(2), syntax.SwitchCaseIndent(true))
		if err := printer.Print(&formatted, parse(t, name, string(text))); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(formatted.String(), string(text)); diff != "" {
			t.Errorf("%s: formatted (-), and the file (+); format it with shfmt -i 2 -ci:\n%s", name, diff)
		}
	}
}
