package erb

import (
	"math"
	"math/bits"
	"strconv"
)

// integerMethods are those of integers. A number that does not fit into 64 bits is none here.
func integerMethods() methods {
	return methods{
		"+":      arithmetic(addInts, func(a, b float64) float64 { return a + b }),
		"-":      arithmetic(func(c *call, a, b int) int { return addInts(c, a, negated(c, b)) }, func(a, b float64) float64 { return a - b }),
		"*":      arithmetic(multiplyInts, func(a, b float64) float64 { return a * b }),
		"/":      arithmetic(divideInts, func(a, b float64) float64 { return a / b }),
		"%":      arithmetic(remainder, floorMod),
		"modulo": arithmetic(remainder, floorMod),
		"**":     arithmetic(powerOfInts, math.Pow),
		"pow":    arithmetic(powerOfInts, math.Pow),
		"div":    {1, 1, func(c *call) any { return divideInts(c, c.self.(int), c.int(0)) }},
		"-@":     {0, 0, func(c *call) any { return negated(c, c.self.(int)) }},
		"&":      {1, 1, func(c *call) any { return c.self.(int) & c.int(0) }},
		"|":      {1, 1, func(c *call) any { return c.self.(int) | c.int(0) }},
		"^":      {1, 1, func(c *call) any { return c.self.(int) ^ c.int(0) }},
		"<<":     {1, 1, func(c *call) any { return multiplyInts(c, c.self.(int), powerOfInts(c, 2, c.int(0))) }},
		">>":     {1, 1, func(c *call) any { return c.self.(int) >> max(0, min(c.int(0), 63)) }},
		"to_i":   {0, 0, func(c *call) any { return c.self }}, "to_int": {0, 0, func(c *call) any { return c.self }},
		"floor": {0, 0, func(c *call) any { return c.self }}, "ceil": {0, 0, func(c *call) any { return c.self }},
		"round": {0, 0, func(c *call) any { return c.self }}, "truncate": {0, 0, func(c *call) any { return c.self }},
		"to_s": {0, 1, func(c *call) any {
			base := 10
			if len(c.args) == 1 {
				if base = c.int(0); base < 2 || base > 36 {
					c.raise("ArgumentError", "invalid radix %d", base)
				}
			}
			return strconv.FormatInt(int64(c.self.(int)), base)
		}},
		"chr":    {0, 0, func(c *call) any { return string(rune(c.self.(int))) }},
		"even?":  {0, 0, func(c *call) any { return c.self.(int)%2 == 0 }},
		"odd?":   {0, 0, func(c *call) any { return c.self.(int)%2 != 0 }},
		"succ":   {0, 0, func(c *call) any { return addInts(c, c.self.(int), 1) }},
		"next":   {0, 0, func(c *call) any { return addInts(c, c.self.(int), 1) }},
		"pred":   {0, 0, func(c *call) any { return addInts(c, c.self.(int), -1) }},
		"times":  {0, 0, func(c *call) any { return c.counted(0, c.self.(int)-1, 1) }},
		"upto":   {1, 1, func(c *call) any { return c.counted(c.self.(int), c.int(0), 1) }},
		"downto": {1, 1, func(c *call) any { return c.counted(c.self.(int), c.int(0), -1) }},
		"step":   {2, 2, func(c *call) any { return c.counted(c.self.(int), c.int(0), c.int(1)) }},
		"digits": {0, 0, func(c *call) any {
			all := &array{}
			for n := c.self.(int); n > 0 || len(all.items) == 0; n /= 10 {
				all.items = append(all.items, n%10)
			}
			return all
		}},
		"gcd": {1, 1, func(c *call) any {
			a, b := c.self.(int), c.int(0)
			for b != 0 {
				a, b = b, a%b
			}
			return max(a, -a)
		}},
	}
}

// numberMethods are those of integers and floats.
func numberMethods() methods {
	about := func(do func(n float64) any) method {
		return method{0, 0, func(c *call) any {
			n, _ := toFloat(c.self)
			return do(n)
		}}
	}
	return methods{
		"to_f":      about(func(n float64) any { return n }),
		"zero?":     about(func(n float64) any { return n == 0 }),
		"positive?": about(func(n float64) any { return n > 0 }),
		"negative?": about(func(n float64) any { return n < 0 }),
		"integer?":  {0, 0, func(c *call) any { _, is := c.self.(int); return is }},
		"finite?":   about(func(n float64) any { return !math.IsInf(n, 0) && !math.IsNaN(n) }),
		"abs": {0, 0, func(c *call) any {
			if n, ok := c.self.(int); ok && n < 0 {
				return negated(c, n)
			} else if ok {
				return n
			}
			return math.Abs(c.self.(float64))
		}},
		"fdiv": {1, 1, func(c *call) any {
			a, _ := toFloat(c.self)
			return a / c.number()
		}},
		"divmod": {1, 1, func(c *call) any {
			a, b := c.self, c.args[0]
			return &array{[]any{c.f.send(c.at, c.f.send(c.at, a, "/", b), "floor"), c.f.send(c.at, a, "%", b)}}
		}},
		"nonzero?": {0, 0, func(c *call) any {
			if n, _ := toFloat(c.self); n == 0 {
				return nil
			}
			return c.self
		}},
	}
}

func floatMethods() methods {
	of := func(do func(a, b float64) float64) method {
		return method{1, 1, func(c *call) any { return do(c.self.(float64), c.number()) }}
	}
	rounded := func(do func(float64) float64) method {
		return method{0, 1, func(c *call) any {
			n, digits := c.self.(float64), 0
			if len(c.args) == 1 {
				digits = max(-300, min(c.int(0), 300))
			}
			if digits <= 0 {
				return c.whole(do(n/math.Pow(10, float64(-digits))) * math.Pow(10, float64(-digits)))
			}
			return roundedAt(n, digits, do)
		}}
	}
	return methods{
		"+": of(func(a, b float64) float64 { return a + b }), "-": of(func(a, b float64) float64 { return a - b }),
		"*": of(func(a, b float64) float64 { return a * b }), "/": of(func(a, b float64) float64 { return a / b }),
		"%": of(floorMod), "**": of(math.Pow),
		"-@":     {0, 0, func(c *call) any { return -c.self.(float64) }},
		"to_i":   {0, 0, func(c *call) any { return c.whole(math.Trunc(c.self.(float64))) }},
		"to_int": {0, 0, func(c *call) any { return c.whole(math.Trunc(c.self.(float64))) }},
		"floor":  rounded(math.Floor), "ceil": rounded(math.Ceil), "round": rounded(math.Round), "truncate": rounded(math.Trunc),
		"nan?": {0, 0, func(c *call) any { return math.IsNaN(c.self.(float64)) }},
	}
}

func roundedAt(n float64, digits int, do func(float64) float64) float64 {
	scale := math.Pow(10, float64(digits))
	if out := do(n*scale) / scale; !math.IsInf(out, 0) && !math.IsNaN(out) {
		return out
	}
	return n
}

// number is an argument that is a number, as a float.
func (c *call) number() float64 {
	n, ok := toFloat(c.args[0])
	if !ok {
		c.raise("TypeError", "%s can't be coerced into %s", describe(c.args[0]), className(c.self))
	}
	return n
}

// whole is a float without its fraction, as an integer.
func (c *call) whole(n float64) int {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		c.raise("FloatDomainError", "%s", floatText(n))
	}
	if math.Abs(n) >= 1<<62 {
		c.tooLarge()
	}
	return int(n)
}

func arithmetic(ints func(c *call, a, b int) int, floats func(a, b float64) float64) method {
	return method{1, 1, func(c *call) any {
		if b, ok := c.args[0].(int); ok {
			if c.name == "**" && b < 0 {
				beyond(c.at, "a fraction is not understood here")
			}
			return ints(c, c.self.(int), b)
		}
		return floats(float64(c.self.(int)), c.number())
	}}
}

func (c *call) tooLarge() { beyond(c.at, "this number is too large") }

func addInts(c *call, a, b int) int {
	sum := a + b
	if (sum > a) != (b > 0) && b != 0 {
		c.tooLarge()
	}
	return sum
}

func negated(c *call, n int) int {
	if n == math.MinInt {
		c.tooLarge()
	}
	return -n
}

func multiplyInts(c *call, a, b int) int {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	if high != 0 || low > math.MaxInt64 {
		c.tooLarge()
	}
	return a * b
}

func magnitude(n int) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// divideInts rounds down, as Ruby does.
func divideInts(c *call, a, b int) int {
	if b == 0 {
		c.raise("ZeroDivisionError", "divided by 0")
	}
	if b == -1 {
		return negated(c, a)
	}
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func remainder(c *call, a, b int) int {
	return a - divideInts(c, a, b)*b
}

func floorMod(a, b float64) float64 { return a - b*math.Floor(a/b) }

func powerOfInts(c *call, base, n int) int {
	out := 1
	for range max(0, n) {
		c.f.in.step(c.at)
		out = multiplyInts(c, out, base)
	}
	return out
}

// counted calls the block with the numbers from one to another; without a block it is their
// list.
func (c *call) counted(from, to, by int) any {
	if by == 0 {
		c.raise("ArgumentError", "step can't be 0")
	}
	all := &array{}
	for i := from; by > 0 && i <= to || by < 0 && i >= to; i += by {
		if c.block != nil {
			c.yield(i)
			continue
		}
		all.items = append(all.items, i)
		c.f.in.bounded(c.at, len(all.items))
	}
	if c.block == nil {
		return all
	}
	return c.self
}
