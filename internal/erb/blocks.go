package erb

// param is a parameter of a block or method.
type param struct {
	name     string
	inner    []param // of (a, b)
	standard expr    // its value when none is given
	kind     string  // "", * for the rest, & for the block, : for a keyword, ** for the other keywords
}

// blockCode is a block as it is written.
type blockCode struct {
	params []param
	body   expr
}

// block reads the block that follows a call, nil when none does.
func (p *parser) block() *blockCode {
	begin := p.pos
	p.blanks()
	at := p.at()
	switch {
	case p.peek(0) == '{':
		p.pos++
		b := p.blockBody(func() expr { return p.body(at, "}") })
		p.expect("}")
		return b
	case p.noDo == 0 && p.keyword("do"):
		return p.blockBody(func() expr { return p.begin(at) })
	}
	p.pos = begin
	return nil
}

// blockBody reads parameters and body. What is assigned for the first time in it is unknown
// behind it.
func (p *parser) blockBody(read func() expr) *blockCode {
	outer := p.vars
	p.vars = make(map[string]bool, len(outer))
	for name := range outer {
		p.vars[name] = true
	}
	b := &blockCode{}
	p.gap()
	if p.take("|") {
		b.params = p.params("|")
	}
	p.fresh(func() { b.body = read() })
	p.vars = outer
	return b
}

// lambda reads -> (x) { … } behind its arrow.
func (p *parser) lambda(at int) expr {
	var params []param
	if p.blanks(); p.take("(") {
		params = p.params(")")
	} else if p.peek(0) != '{' && !p.atKeyword("do") {
		params = p.params("")
	}
	for _, x := range params {
		p.vars[x.name] = true
	}
	noDo := p.noDo
	p.noDo = 0
	b := p.block()
	p.noDo = noDo
	if b == nil {
		p.fail("a block should follow the arrow")
	}
	b.params = params
	return expr{at: at, eval: func(f *frame) any {
		made := f.closure(b)
		made.strict = true
		return made
	}}
}

// params reads parameters up to a closing bracket, which it takes; with none, up to the end of
// the line or a block.
func (p *parser) params(until string) []param {
	var all []param
	for {
		p.blanks()
		if until != "" {
			p.gap()
			if p.take(until) {
				return all
			}
		}
		all = append(all, p.param(until))
		p.blanks()
		if p.take(",") {
			continue
		}
		if p.take(";") && until == "|" { // variables of the block's own
			p.params("|")
			return all
		}
		if until != "" {
			p.expect(until)
		}
		return all
	}
}

func (p *parser) param(until string) param {
	if p.take("(") {
		return param{inner: p.params(")")}
	}
	x := param{standard: expr{at: -1}}
	for _, kind := range []string{"**", "*", "&"} {
		if x.kind == "" && p.take(kind) {
			x.kind = kind
		}
	}
	x.name = p.peekWord()
	p.pos += len(x.name)
	if x.name == "" && x.kind == "" {
		p.fail("a parameter should stand here, not %s", p.found())
	}
	p.vars[x.name] = true
	if p.take(":") {
		x.kind = ":"
		if p.blanks(); p.peek(0) != ',' && !p.has(until) {
			x.standard = p.ternary()
		}
		return x
	}
	if p.blanks(); p.peek(0) == '=' {
		p.pos++
		p.blanks()
		if until == "|" {
			x.standard = p.binary(6) // | ends the parameters
		} else {
			x.standard = p.ternary()
		}
	}
	return x
}
