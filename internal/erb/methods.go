package erb

import (
	"maps"
	"slices"
	"strings"
)

// tables are the methods of all values, the functions and the modules. Each evaluation makes them
// for itself: they refer to functions that look into them.
type tables struct {
	object, nils, bools, symbol, text, integer, float, array, hash, span methods
	regex, match, proc, exception, address, moment, ended, file, environ methods
	functions, modules                                                   methods
	known                                                                map[string]bool // modules, by name
}

func newTables() *tables {
	object, list, number := objectMethods(), listMethods(), numberMethods()
	t := &tables{
		object: object, nils: over(nilMethods(), object), bools: over(boolMethods(), object),
		symbol: over(symbolMethods(), comparable(), object), text: over(textMethods(), patternMethods(), comparable(), object),
		integer: over(integerMethods(), number, comparable(), object), float: over(floatMethods(), number, comparable(), object),
		array: over(arrayMethods(), list, object), hash: over(hashMethods(), list, object), span: over(spanMethods(), list, object),
		regex: over(regexMethods(), object), match: over(matchMethods(), object), proc: over(procMethods(), object),
		exception: over(exceptionMethods(), object), address: over(addressMethods(), object),
		moment: over(momentMethods(), comparable(), object), ended: over(endedMethods(), object),
		file: over(fileMethods(), object), environ: environMethods(), functions: functionTable(), modules: moduleFunctions(),
		known: map[string]bool{},
	}
	for name := range t.modules {
		t.know(strings.TrimSuffix(name[:strings.LastIndexByte(name, '.')], "."))
	}
	for _, name := range slices.Concat(bareModules, slices.Collect(maps.Keys(parents))) {
		t.know(name)
	}
	return t
}

// know enters a module and those around it.
func (t *tables) know(name string) {
	for name != "" && !t.known[name] {
		t.known[name] = true
		name = name[:max(0, strings.LastIndex(name, "::"))]
	}
}

// over lays tables over each other, the first one on top.
func over(all ...methods) methods {
	m := methods{}
	for _, table := range slices.Backward(all) {
		maps.Copy(m, table)
	}
	return m
}

// of is the table of a value.
func (t *tables) of(v any) methods {
	switch v := v.(type) {
	case nil:
		return t.nils
	case bool:
		return t.bools
	case symbol:
		return t.symbol
	case string:
		return t.text
	case int:
		return t.integer
	case float64:
		return t.float
	case *array:
		return t.array
	case *hash:
		return t.hash
	case *span:
		return t.span
	case module:
		if v == "ENV" {
			return t.environ
		}
	}
	return t.ofOthers(v)
}

func (t *tables) ofOthers(v any) methods {
	switch v.(type) {
	case *regex:
		return t.regex
	case *match:
		return t.match
	case *proc:
		return t.proc
	case *exception:
		return t.exception
	case *address:
		return t.address
	case moment:
		return t.moment
	case *ended:
		return t.ended
	case file:
		return t.file
	}
	return t.object
}
