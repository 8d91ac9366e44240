package erb

// call is a call of a method.
type call struct {
	in    *interp
	at    int
	name  string
	self  any
	args  []any
	block block
}

// method is a method of a kind of value, with the least and the most arguments it takes.
type method struct {
	least, most int
	do          func(*call) any
}

type methods map[string]method

// add adds a method under several names.
func (m methods) add(one method, names ...string) {
	for _, name := range names {
		m[name] = one
	}
}

// tables are the methods of all kinds of values. A module has its name with :: before it, and ""
// has the functions.
type tables map[string]methods

func newTables() tables {
	return tables{
		"Object": objectMethods(), "NilClass": nilMethods(), "String": textMethods(), "Symbol": textMethods(),
		"Integer": integerMethods(), "Array": listMethods(), "Hash": hashMethods(), "URI": uriMethods(), "Exception": exceptionMethods(),
		"::ENV": environMethods(), "::Dotenv": dotenvMethods(), "::File": fileMethods(), "::URI": {"parse": {1, 1, parseURI}},
		"::Dir":          {"pwd": {0, 0, func(c *call) any { return c.in.world.Dir }}},
		"::Kamal::Utils": {"docker_arch": {0, 0, dockerArch}}, "::Mrsk::Utils": {"docker_arch": {0, 0, dockerArch}},
		"": functions(),
	}
}

// find finds a method of a value.
func (t tables) find(on any, name string) (method, bool) {
	kind := className(on)
	switch v := on.(type) {
	case module:
		kind = "::" + string(v)
	case *exception:
		kind = "Exception"
	}
	m, found := t[kind][name]
	if !found {
		m, found = t["Object"][name]
	}
	return m, found
}

// takesBlock are the methods that call a block. Others would ignore it.
var takesBlock = map[string]bool{
	"each": true, "each_with_index": true, "map": true, "select": true, "filter": true, "reject": true, "any?": true, "fetch": true,
}

// send calls a method without a block.
func (in *interp) send(at int, on any, name string, args ...any) any {
	c := &call{in: in, at: at, name: name, self: on, args: args}
	return c.run(false)
}

// run runs the method, or the function where isFunction is set.
func (c *call) run(isFunction bool) any {
	c.in.step(c.at)
	m, found := c.in.methods[""][c.name]
	if !isFunction {
		m, found = c.in.methods.find(c.self, c.name)
	}
	if !found {
		c.unknown(isFunction)
	}
	if n := len(c.args); n < m.least || n > m.most {
		unsupported(c.at, "", "%s is not supported with %d arguments", c.name, n)
	}
	if c.block != nil && !takesBlock[c.name] {
		unsupported(c.at, "", "%s is not supported with a block", c.name)
	}
	v := m.do(c)
	c.in.bound(c.at, v)
	return v
}

// ofNil are the methods that Ruby has for nil, and this package has not.
var ofNil = map[string]bool{
	"class": true, "to_a": true, "to_h": true, "freeze": true, "in?": true, "is_a?": true, "kind_of?": true, "instance_of?": true, "respond_to?": true, "then": true, "tap": true, "try": true,
	"dup": true, "itself": true, "send": true, "public_send": true, "===": true, "&": true, "|": true, "to_f": true, "frozen?": true,
	"eql?": true, "equal?": true, "instance_variable_get": true, "presence_in": true, "yield_self": true, "hash": true, "object_id": true,
}

// unknown fails for a method that is not supported. A method of nil that Ruby does not have is an
// error of the template.
func (c *call) unknown(isFunction bool) {
	m, isModule := c.self.(module)
	switch {
	case isFunction:
		unsupported(c.at, c.name, "%s is not known here", c.name)
	case c.self == nil && !ofNil[c.name]:
		x := &exception{"NoMethodError", "undefined method '" + c.name + "' for nil"}
		panic(&failure{at: c.at, text: x.shown(), exception: x, advice: "the value is missing: is a variable of the environment not set?"})
	case isModule:
		unsupported(c.at, string(m)+"."+c.name, "%s.%s is not supported", m, c.name)
	}
	unsupported(c.at, c.name, "%s of %s is not supported", c.name, className(c.self))
}

// arg is an argument, nil where it is not given.
func (c *call) arg(i int) any { return nth(c.args, i) }

// text is an argument that must be a string.
func (c *call) text(i int) string {
	s, isText := c.args[i].(string)
	if !isText {
		c.wrongType(c.args[i], "String")
	}
	return s
}

// int is an argument that must be an integer.
func (c *call) int(i int) int {
	n, isInt := c.args[i].(int)
	if !isInt {
		c.wrongType(c.args[i], "Integer")
	}
	return n
}

func (c *call) wrongType(v any, to string) {
	if v != nil { // Ruby may accept it
		unsupported(c.at, "", "%s is not supported with an argument of %s", c.name, className(v))
	}
	c.raise("TypeError", "no implicit conversion of nil into %s", to)
}

// described is the class of a value in messages.
func described(v any) string {
	if v == nil {
		return "nil"
	}
	return className(v)
}

// yield calls the block.
func (c *call) yield(args ...any) any {
	if c.block == nil {
		unsupported(c.at, "", "%s is not supported without a block", c.name)
	}
	return c.block(args...)
}

func (c *call) raise(class, format string, args ...any) { raise(c.at, class, format, args...) }

// fetched is what fetch returns: the value, or the default where it is missing.
func (c *call) fetched(v any, found bool, advice string) any {
	switch {
	case found:
		return v
	case c.block != nil:
		return c.yield(c.args[0])
	case len(c.args) == 2:
		return c.args[1]
	}
	var key string
	if name, isSymbol := c.args[0].(symbol); isSymbol {
		key = ":" + string(name)
	} else {
		key = c.in.inspect(c.args[0], c.at)
	}
	x := &exception{"KeyError", "key not found: " + key}
	panic(&failure{at: c.at, text: x.shown(), exception: x, advice: advice})
}
