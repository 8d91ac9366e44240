package shell

import "strings"

// Library is a file of shell functions. Text outside of its functions and comments is not sent,
// except in a nested library.
type Library struct {
	source    string
	head      string // shell text that sets the variables that its functions read
	variable  string // the variable that holds a nested library, "" if it is not nested
	functions []*Function
	chunks    chunks
}

// chunks are the parts of a library's source.
type chunks struct {
	functions map[string]string
	before    string // text outside of functions, up to the first of them
	after     string // and behind it
}

// NewLibrary returns the library in source. Its functions must be formatted as shfmt formats them:
// a function begins and ends in the first column.
func NewLibrary(source string) *Library {
	return &Library{source: source, chunks: split(source)}
}

// NewNested returns a library that runs somewhere else, such as in a container: a script holds its
// functions as a program, in a variable. Text outside of the functions is part of the program.
func NewNested(variable, source string) *Library {
	l := NewLibrary(source)
	l.variable = variable
	return l
}

// Set sets a variable that functions of the library read. It returns the library.
func (l *Library) Set(name, value string) *Library {
	l.head += name + "=" + Quote(value) + "\n"
	return l
}

// Source returns the text of the file.
func (l *Library) Source() string { return l.source }

// Functions returns the functions of the library that have a Go name.
func (l *Library) Functions() []*Function { return l.functions }

// Text returns the definitions of all functions of the library, without those they need from others.
func (l *Library) Text() string {
	return define(l.functions)
}

// Function is a shell function.
type Function struct {
	name    string
	library *Library
	needs   []*Function
}

// Function gives a function of the library its Go name. It lists the functions that it calls; a
// test compares them with the source.
func (l *Library) Function(name string, needs ...*Function) *Function {
	f := &Function{name: name, library: l, needs: needs}
	l.functions = append(l.functions, f)
	return f
}

// Name returns the name of the function in the shell.
func (f *Function) Name() string { return f.name }

// Needs returns the functions that it calls.
func (f *Function) Needs() []*Function { return f.needs }

// Text returns the definition of the function.
func (f *Function) Text() string { return f.library.chunks.functions[f.name] }

// Call calls the function with literal words.
func (f *Function) Call(words ...string) Line { return Line(f.Word()).Lits(words...) }

// Word is the name of the function as a word. A script that holds it defines the function.
func (f *Function) Word() Word { return Word{wire{{text: f.name, function: f}}, f.name} }

// Uses makes a script that holds l define functions that the text of l calls.
func (l Line) Uses(functions ...*Function) Line {
	for _, f := range functions {
		l.wire = joined(l.wire, wire{{function: f}})
	}
	return l
}

// Definitions returns the text that defines all functions that lines call, and those that these need.
func Definitions(lines ...Line) string {
	var called []*Function
	for _, l := range lines {
		for _, p := range l.wire {
			if p.function != nil {
				called = append(called, p.function)
			}
		}
	}
	return define(closure(called))
}

// closure returns functions and all that they need, each once and before those that need it.
func closure(functions []*Function) []*Function {
	var all []*Function
	seen := map[*Function]bool{}
	var add func(*Function)
	add = func(f *Function) {
		if seen[f] {
			return
		}
		seen[f] = true
		for _, n := range f.needs {
			add(n)
		}
		all = append(all, f)
	}
	for _, f := range functions {
		add(f)
	}
	return all
}

// define renders functions, with the variables of their libraries before them.
func define(functions []*Function) string {
	var heads, text strings.Builder
	var libraries []*Library
	bodies := map[*Library]*strings.Builder{}
	for _, f := range functions {
		body, known := bodies[f.library]
		if !known {
			body = &strings.Builder{}
			bodies[f.library] = body
			libraries = append(libraries, f.library)
		}
		body.WriteString(f.Text())
	}
	for _, l := range libraries {
		heads.WriteString(l.head)
		text.WriteString(l.wrap(bodies[l].String()))
	}
	return heads.String() + text.String()
}

// wrap returns functions as they stand in a script.
func (l *Library) wrap(functions string) string {
	if l.variable == "" {
		return functions
	}
	return l.variable + "=" + Quote(l.chunks.before+functions+l.chunks.after) + "\n"
}

// split parts the source of a library into its functions and what is outside of them.
func split(source string) chunks {
	c := chunks{functions: map[string]string{}}
	outside := &c.before
	name := ""
	for line := range strings.Lines(source) {
		switch begun := begins(line); {
		case name != "":
			c.functions[name] += line
			if line[0] == '}' || line[0] == ')' {
				name = ""
			}
		case begun != "":
			outside = &c.after
			c.functions[begun] = line
			if opens(line) {
				name = begun
			}
		case line[0] != '#' && line[0] != '\n':
			*outside += line
		}
	}
	return c
}

// begins returns the name of the function that begins in line, "" if none does.
func begins(line string) string {
	name, rest, _ := strings.Cut(line, "() ")
	if rest == "" || !strings.ContainsRune("{(", rune(rest[0])) || strings.ContainsFunc(name, inNoName) {
		return ""
	}
	return name
}

func inNoName(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }

// opens reports whether a function goes on behind its first line.
func opens(line string) bool {
	return strings.HasSuffix(line, "{\n") || strings.HasSuffix(line, "(\n")
}
