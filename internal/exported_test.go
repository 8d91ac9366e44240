package internal

import (
	"go/ast"
	"go/parser"
	"slices"
	"strings"
	"testing"
)

// selfEvident are the methods whose name alone says what they do, because an interface of the
// standard library, or of many packages here, has them.
var selfEvident = []string{"Close", "Error", "Hint", "Is", "Read", "ServeHTTP", "String", "Unwrap", "Write"}

func TestExported_names_have_a_comment(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		file, err := parser.ParseFile(s.fset, "../"+s.path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			for _, name := range uncommented(decl) {
				t.Errorf("%s: %s has no comment: say what it means, its unit, and the errors", s.at(name.Pos()), name.Name)
			}
		}
	}
}

// uncommented returns the exported names of a declaration that have no comment. A constant or a
// variable may have that of its group. The methods of a type that is not exported are those of an
// interface, which has the comment.
func uncommented(decl ast.Decl) []*ast.Ident {
	var all []*ast.Ident
	switch d := decl.(type) {
	case *ast.FuncDecl:
		method := d.Recv != nil && (!ast.IsExported(receiver(d.Recv.List[0].Type)) || slices.Contains(selfEvident, d.Name.Name))
		if d.Doc == nil && d.Name.IsExported() && !method {
			all = append(all, d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				if d.Doc == nil && s.Doc == nil && s.Comment == nil {
					all = append(all, exported(s.Names)...)
				}
			case *ast.TypeSpec:
				if s.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
					all = append(all, exported([]*ast.Ident{s.Name})...)
				}
				if s.Name.IsExported() {
					all = append(all, unclear(s.Type)...)
				}
			}
		}
	}
	return all
}

// unclear returns the methods of an interface, and the fields of a struct that are a number or a
// duration, that have no comment: the name of a number says neither its unit nor what zero means.
// The comment of the type is enough for a single line of fields, and a comment can be about several
// lines that it names.
func unclear(e ast.Expr) []*ast.Ident {
	var list []*ast.Field
	isStruct := false
	switch x := e.(type) {
	case *ast.InterfaceType:
		list = x.Methods.List
	case *ast.StructType:
		list, isStruct = x.Fields.List, true
		if len(list) == 1 {
			return nil
		}
	}
	var all []*ast.Ident
	above := ""
	for _, f := range list {
		if f.Doc != nil {
			above = f.Doc.Text()
		}
		if f.Doc != nil || f.Comment != nil || isStruct && !number(f.Type) {
			continue
		}
		for _, name := range exported(f.Names) {
			if !strings.Contains(above, name.Name) {
				all = append(all, name)
			}
		}
	}
	return all
}

func number(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return slices.Contains([]string{"int", "int64", "uint64", "float64"}, x.Name)
	case *ast.StarExpr:
		return number(x.X)
	case *ast.SelectorExpr:
		return x.Sel.Name == "Duration"
	}
	return false
}

func exported(names []*ast.Ident) []*ast.Ident {
	return slices.DeleteFunc(slices.Clone(names), func(n *ast.Ident) bool { return !n.IsExported() })
}
