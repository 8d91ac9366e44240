package erb

import "slices"

// when is if, in all its forms.
func when(at int, cond, yes, no expr) expr {
	return expr{at: at, eval: func(f *frame) any {
		if truthy(cond.eval(f)) {
			return yes.eval(f)
		}
		return no.eval(f)
	}}
}

// condition reads what follows if, while and case, up to a then or do that may stand behind it.
func (p *parser) condition() expr {
	p.noDo++
	p.gap()
	cond := p.junction()
	p.noDo--
	p.blanks()
	return cond
}

// fresh reads with what is forbidden around it allowed, as inside of brackets.
func (p *parser) fresh(read func()) {
	noDo, noColon := p.noDo, p.noColon
	p.noDo, p.noColon = 0, 0
	read()
	p.noDo, p.noColon = noDo, noColon
}

func (p *parser) then() {
	p.separators()
	p.keyword("then")
}

// ifThen reads an if whose keyword has been read: the condition and all branches.
func (p *parser) ifThen(at int) expr {
	defer p.nested()()
	cond := p.condition()
	p.then()
	yes := p.body(at, "elsif", "else", "end")
	if p.keyword("elsif") {
		return when(at, cond, yes, p.ifThen(at))
	}
	return when(at, cond, yes, p.otherwise(at))
}

// otherwise reads else, if it is there, and end.
func (p *parser) otherwise(at int) expr {
	no := nothing
	if p.keyword("else") {
		no = p.body(at, "end")
	}
	p.expectEnd(at)
	return no
}

func (p *parser) expectEnd(at int) {
	if !p.keyword("end") {
		beyond(at, "what begins here has no end")
	}
}

func (p *parser) unless(at int) expr {
	cond := p.condition()
	p.then()
	yes := p.body(at, "else", "end")
	return when(at, cond, p.otherwise(at), yes)
}

// branch is a when of case.
type branch struct {
	values []argument
	body   expr
}

func (p *parser) caseOf(at int) expr {
	subject := expr{at: at}
	if p.blanks(); !p.atKeyword("when") && p.peek(0) != '\n' && p.peek(0) != ';' && p.peek(0) != 0 {
		subject = p.junction()
	}
	p.body(at, "when", "in", "else", "end") // only blank text can stand here
	var branches []branch
	for p.keyword("when") {
		p.gap()
		b := branch{values: p.arguments("")}
		p.then()
		b.body = p.body(at, "when", "else", "end")
		branches = append(branches, b)
	}
	if p.atKeyword("in") {
		p.fail("case … in is not understood")
	}
	no := p.otherwise(at)
	return expr{at: at, eval: func(f *frame) any {
		if i := slices.IndexFunc(branches, func(b branch) bool { return f.chosen(at, subject, b.values) }); i >= 0 {
			return branches[i].body.eval(f)
		}
		return no.eval(f)
	}}
}

// chosen reports whether one of the values is the subject's case; without a subject, whether one
// is true.
func (f *frame) chosen(at int, subject expr, values []argument) bool {
	args, _ := f.evaluate(values)
	for _, v := range args {
		if subject.eval == nil && truthy(v) {
			return true
		}
		if subject.eval != nil && truthy(f.send(at, v, "===", subject.eval(f))) {
			return true
		}
	}
	return false
}

// loop is while and until.
func loop(at int, cond expr, while bool, body expr) expr {
	return expr{at: at, eval: func(f *frame) any {
		return breakable(func() any {
			for truthy(cond.eval(f)) == while {
				f.in.step(at)
				skippable(func() any { return body.eval(f) })
			}
			return nil
		})
	}}
}

func (p *parser) while(at int, while bool) expr {
	cond := p.condition()
	p.separators()
	p.keyword("do")
	body := p.body(at, "end")
	p.expectEnd(at)
	return loop(at, cond, while, body)
}

// forIn reads for x in list, whose variable outlives it.
func (p *parser) forIn(at int) expr {
	var places []expr
	for {
		p.gap()
		place := p.operand()
		if place.set == nil {
			p.fail("for needs a variable")
		}
		p.vars[place.name] = true
		places = append(places, place)
		if p.blanks(); !p.take(",") {
			break
		}
	}
	if !p.keyword("in") {
		p.fail("for needs in here, not %s", p.found())
	}
	all := p.condition()
	p.separators()
	p.keyword("do")
	body := p.body(at, "end")
	p.expectEnd(at)
	return expr{at: at, eval: func(f *frame) any {
		block := &proc{native: func(args []any) any {
			bindAll(f, places, args)
			return body.eval(f)
		}}
		return f.call(at, all.eval(f), "each", nil, block)
	}}
}

func bindAll(f *frame, places []expr, args []any) {
	if len(places) > 1 && len(args) == 1 {
		args = spread(args[0])
	}
	for i, place := range places {
		place.set(f, nth(args, i))
	}
}

// The ways out of a block, a loop or a method, as panics.
type (
	leap struct { // next, break, return
		at    int
		word  string
		value any
	}
)

func (p *parser) leap(at int, word string) expr {
	value := nothing
	if p.blanks(); p.startsValue() {
		value = p.listWithoutBrackets()
	}
	return expr{at: at, eval: func(f *frame) any { panic(leap{at, word, value.eval(f)}) }}
}

// startsValue reports whether a value follows, not the end of the statement or a condition.
func (p *parser) startsValue() bool {
	c := p.peek(0)
	if c == 0 || c == '\n' || c == ';' || c == '#' || c == '}' || c == ')' {
		return false
	}
	return !slices.ContainsFunc([]string{"if", "unless", "end", "while", "until", "and", "or", "rescue"}, p.atKeyword)
}

// taking runs what and takes a leap of this kind.
func taking(word string, what func() any) (value any) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case leap:
			if r.word != word {
				panic(r)
			}
			value = r.value
		default:
			panic(r)
		}
	}()
	return what()
}

func breakable(what func() any) any { return taking("break", what) }
func skippable(what func() any) any { return taking("next", what) }
