package erb

import (
	"slices"
	"strings"
)

// The bounds of an evaluation. Real templates stay far below them.
const (
	maxSteps   = 500_000 // calls, statements and turns of blocks
	maxItems   = 100_000 // in a list or hash
	maxText    = MaxText // bytes of a string, and of the whole output
	maxErrors  = 30      // reported for one template
	maxNesting = 64      // of lists and hashes inside each other
	maxAsked   = 1000    // environment variables in Rendered.Variables
)

// interp evaluates one template.
type interp struct {
	world    World
	out      *writer
	methods  tables
	steps    int
	failures []*failure
	asked    []askedVariable
}

func newInterp(world World) *interp {
	return &interp{world: world, out: &writer{}, methods: newTables()}
}

// step counts work, and fails if there is too much of it.
func (in *interp) step(at int) { in.work(at, 1) }

func (in *interp) work(at, amount int) {
	if in.steps += amount; in.steps > maxSteps {
		limit(at, "this does not come to an end")
	}
}

// fits fails if a text is too long.
func (in *interp) fits(at, bytes int) {
	if bytes > maxText {
		limit(at, "this grows to more than %d bytes", maxText)
	}
}

// bounded fails if a list has too many items.
func (in *interp) bounded(at, items int) {
	if items > maxItems {
		limit(at, "this grows to more than %d items", maxItems)
	}
}

// bound fails if a value is too large. Large values count as work.
func (in *interp) bound(at int, v any) {
	switch v := v.(type) {
	case string:
		in.fits(at, len(v))
		in.work(at, len(v)/10_000)
	case *list:
		in.bounded(at, len(v.items))
		in.work(at, len(v.items)/100)
	case *hash:
		in.bounded(at, len(v.keys))
		in.work(at, len(v.keys)/100)
	}
}

// keep keeps the failure of an output tag, to report it together with others.
func (in *interp) keep(f *failure) {
	if in.steps > maxSteps || len(in.failures) >= maxErrors {
		panic(f)
	}
	in.failures = append(in.failures, f)
}

// run runs a command and returns its output, with any exit status. As in Ruby it fails if a command
// without characters for the shell is not found.
func (in *interp) run(at int, line string) string {
	in.step(at)
	ran, err := in.world.run(line)
	if err != nil {
		panic(&failure{at: at, text: "a command could not be run: " + err.Error()})
	}
	if ran.Status == 127 && !strings.ContainsAny(line, "|&;<>()$`\\\"'*?[#~=%\n{}!") {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		raise(at, "Errno::ENOENT", "No such file or directory - %s", name)
	}
	return strings.ToValidUTF8(ran.Stdout, "\uFFFD")
}

// Variable is an environment variable that a template read. Empty means that it is unset or empty. Stored means
// that code without output read it, so other lines may depend on it.
type Variable struct {
	Name   string
	Empty  bool
	Stored bool
}

type askedVariable struct {
	at int
	Variable
}

// lookup returns an environment variable, and notes that the template read it.
func (in *interp) lookup(at int, name string) (string, bool) {
	value, found := in.world.lookup(name)
	if len(in.asked) < maxAsked {
		in.asked = append(in.asked, askedVariable{at, Variable{Name: name, Empty: value == ""}})
	}
	return value, found
}

// variables returns the environment variables that the template read, by line.
func (in *interp) variables(template string, pieces []piece) map[int][]Variable {
	lines := map[int][]Variable{}
	for _, a := range in.asked {
		line, _ := position(template, a.at)
		a.Stored = kindAt(pieces, a.at) == codePiece
		if !slices.Contains(lines[line], a.Variable) {
			lines[line] = append(lines[line], a.Variable)
		}
	}
	return lines
}

// scope contains variables. A block also sees those of the code around it.
type scope struct {
	in    *interp
	vars  map[string]any
	outer *scope
}

func newScope(in *interp, outer *scope) *scope { return &scope{in, map[string]any{}, outer} }

// holder returns the scope that has a variable, or nil.
func (s *scope) holder(name string) *scope {
	for ; s != nil; s = s.outer {
		if _, found := s.vars[name]; found {
			return s
		}
	}
	return nil
}

func (s *scope) get(name string) (any, bool) {
	if h := s.holder(name); h != nil {
		return h.vars[name], true
	}
	return nil, false
}

func (s *scope) set(name string, v any) {
	h := s.holder(name)
	switch {
	case h != nil:
	case name[0] == '@' || isUpper(name[0]): // seen everywhere
		for h = s; h.outer != nil; h = h.outer {
		}
	default:
		h = s
	}
	h.vars[name] = v
}

// arguments evaluates those of a call: values, named ones as a hash behind them, and &block.
func (s *scope) arguments(args []argument) (values []any, passed block) {
	named := newHash()
	for _, a := range args {
		switch {
		case a.key != nil:
			named.set(a.key.eval(s), a.value.eval(s))
		case a.block:
			passed = s.in.blockOf(a.at, a.value.eval(s))
		default:
			values = append(values, a.value.eval(s))
		}
	}
	if len(named.keys) > 0 {
		values = append(values, named)
	}
	return values, passed
}

// blockOf makes a block of :name.
func (in *interp) blockOf(at int, v any) block {
	name, isSymbol := v.(symbol)
	if !isSymbol {
		unsupported(at, "", "& is only supported before the name of a method: &:name")
	}
	return func(args ...any) any { return in.send(at, nth(args, 0), string(name)) }
}
