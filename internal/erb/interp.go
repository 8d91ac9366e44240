package erb

// The bounds of an evaluation. Real templates stay far below all of them.
const (
	maxSteps   = 500_000 // calls, statements and turns of loops
	maxCalls   = 400     // blocks and methods inside of each other
	maxSize    = 100_000 // items of a list or hash
	maxText    = MaxText // of a text, and of the whole output
	maxErrors  = 30      // in one template
	maxWritten = 64      // how deep lists and hashes may be nested
)

// interp evaluates one template.
type interp struct {
	world    World
	out      *writer
	tables   *tables
	globals  map[string]any   // $x, @x and constants of the template's own
	methods  map[string]*proc // of the template's own
	matched  *match           // of the last regular expression
	status   int              // of the last command
	rescuing *failure         // what a clause of rescue is at work on
	steps    int
	last     int // where the last step was
	calls    int
	depth    int // of a value that is being walked
	failures []*failure
	asked    []readVariable
}

// step counts work, and ends a template that never ends.
func (in *interp) step(at int) {
	in.last = at
	if in.steps++; in.steps > maxSteps {
		limit(at, "this does not come to an end")
	}
}

// deeper counts the depth to which a value is walked. It returns what ends the walk.
func (in *interp) deeper() func() {
	in.step(in.last)
	if in.depth++; in.depth > maxWritten {
		in.depth = 0
		limit(in.last, "this value is nested too deeply")
	}
	return func() { in.depth-- }
}

// complain keeps what is wrong with an output tag, so that it is told with what is wrong
// elsewhere.
func (in *interp) complain(f *failure, tolerant bool) {
	if !tolerant || in.steps > maxSteps || len(in.failures) >= maxErrors {
		panic(f)
	}
	in.failures = append(in.failures, f)
}

// scope are variables. A block sees those around it.
type scope struct {
	vars  map[string]any
	outer *scope
}

func (s *scope) find(name string) *scope {
	for ; s != nil; s = s.outer {
		if _, found := s.vars[name]; found {
			return s
		}
	}
	return nil
}

func (s *scope) has(name string) bool { return s.find(name) != nil }

func (s *scope) get(name string) (any, bool) {
	if holder := s.find(name); holder != nil {
		return holder.vars[name], true
	}
	return nil, false
}

func (s *scope) set(name string, v any) {
	holder := s.find(name)
	if holder == nil {
		holder = s
	}
	holder.vars[name] = v
}

func inner(outer *scope) *scope { return &scope{map[string]any{}, outer} }

// frame is where code is evaluated: the variables that it sees, and the block of its method.
type frame struct {
	in    *interp
	vars  *scope
	block *proc
}

// evaluate returns the values of arguments, named ones as a hash behind the others, and the
// block that is given as &block.
func (f *frame) evaluate(args []argument) (values []any, block *proc) {
	named := newHash()
	for _, a := range args {
		switch {
		case a.key != nil:
			named.set(a.key.eval(f), a.eval(f))
		case a.many == "**":
			if h, ok := a.eval(f).(*hash); ok {
				named.merge(h)
			}
		case a.many == "*":
			values = append(values, spread(a.eval(f))...)
		case a.many == "&":
			block = f.toProc(a.at, a.eval(f))
		default:
			values = append(values, a.eval(f))
		}
		f.in.bounded(a.at, len(values)+len(named.keys))
	}
	if len(named.keys) > 0 {
		values = append(values, named)
	}
	return values, block
}

func (in *interp) bounded(at, size int) {
	if size > maxSize {
		limit(at, "this grows to more than %d items", maxSize)
	}
}

// global is the value of $x, @x.
func (in *interp) global(at int, name string) any {
	switch name {
	case "$?":
		return &ended{in.status}
	case "$~":
		return matchOrNil(in.matched)
	case "$!":
		if in.rescuing != nil {
			return in.rescuing.exception
		}
		return nil
	case "$stdout", "$stderr":
		return module(name)
	case "$0", "$PROGRAM_NAME":
		return "mrsk"
	}
	if n := name[1]; isDigit(n) {
		return in.matched.group(int(n - '0'))
	}
	if v, found := in.globals[name]; found || name[0] == '@' {
		return v
	}
	beyond(at, "%s is not known here", name)
	return nil
}

// constant is the value of a constant: one of the template's own, or a module.
func (in *interp) constant(at int, name string) any {
	if v, found := in.globals[name]; found {
		return v
	}
	if v, found := constantTable[name]; found {
		return v
	}
	if in.tables.known[name] {
		return module(name)
	}
	panic(&failure{at: at, text: "NameError: uninitialized constant " + name, advice: beyondAdvice, beyond: true, exception: &exception{"NameError", "uninitialized constant " + name}})
}
