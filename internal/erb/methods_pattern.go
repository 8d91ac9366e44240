package erb

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// notInGo matches what Go's regular expressions lack or define differently.
var notInGo = regexp.MustCompile(`\(\?(?:[=!>~]|<[=!])|\\[1-9GKRXkgHZeh]|[*+?}]\+|&&\[|\[[^\]\\]*&&`)

// compile translates a regular expression of Ruby, where ^ and $ hold at every line.
func compile(at int, source, flags string) *regex {
	options := "(?m)"
	if flags == "i" {
		options = "(?mi)"
	}
	compiled, err := regexp.Compile(options + source)
	if err != nil || notInGo.MatchString(source) || flags != "" && flags != "i" {
		unsupported(at, "", "this regular expression is not supported")
	}
	return &regex{compiled}
}

// match returns the whole match and the groups. A group without a match is nil.
func (r *regex) match(s string) []any {
	return groups(s, r.compiled.FindStringSubmatchIndex(s))
}

func groups(s string, places []int) (all []any) {
	for i := 0; i < len(places); i += 2 {
		if places[i] < 0 {
			all = append(all, nil)
		} else {
			all = append(all, s[places[i]:places[i+1]])
		}
	}
	return all
}

// addPatterns adds the methods of strings that take a regular expression.
func addPatterns(m methods) {
	m["[]"] = method{1, 2, textIndex}
	m.add(method{1, 1, func(c *call) any { return c.pattern().compiled.MatchString(c.string()) }}, "match?")
	m["=~"] = method{1, 1, func(c *call) any {
		if places := c.pattern().compiled.FindStringIndex(c.string()); places != nil {
			return utf8.RuneCountInString(c.string()[:places[0]])
		}
		return nil
	}}
	m["sub"] = method{2, 2, func(c *call) any { return substitute(c, 1) }}
	m["gsub"] = method{2, 2, func(c *call) any { return substitute(c, maxItems+1) }}
	m["scan"] = method{1, 1, scanText}
	m["split"] = method{0, 2, split}
	m["tr"] = method{2, 2, translate}
}

// pattern returns the first argument as a regular expression. A string matches itself.
func (c *call) pattern() *regex {
	c.in.work(c.at, len(c.string())/1000)
	if r, isRegex := c.args[0].(*regex); isRegex {
		return r
	}
	return compile(c.at, regexp.QuoteMeta(c.text(0)), "")
}

// textIndex is s[…]: by index, range, or regular expression and group.
func textIndex(c *call) any {
	s := c.string()
	if r, isRegex := c.args[0].(*regex); isRegex {
		group := 0
		if len(c.args) == 2 {
			group = c.int(1)
		}
		return nth(r.match(s), group)
	}
	if len(c.args) == 2 {
		unsupported(c.at, "", "[] with two numbers is not supported")
	}
	runes := []rune(s)
	from, n, inside := c.window(len(runes))
	_, isInt := c.args[0].(int)
	if !inside || isInt && n == 0 {
		return nil
	}
	return string(runes[from : from+n])
}

// substitute is sub and gsub.
func substitute(c *call, most int) any {
	s, by := c.string(), c.text(1)
	if strings.Contains(by, `\`) {
		unsupported(c.at, "", "%s with groups in the text is not supported", c.name)
	}
	var b strings.Builder
	at := 0
	all := c.pattern().compiled.FindAllStringIndex(s, most)
	c.in.bounded(c.at, len(all))
	for _, places := range all {
		b.WriteString(s[at:places[0]] + by)
		at = places[1]
		c.in.fits(c.at, b.Len())
	}
	return b.String() + s[at:]
}

// scanText returns all matches, or their groups where the expression has any.
func scanText(c *call) any {
	out := &list{}
	for _, places := range c.pattern().compiled.FindAllStringSubmatchIndex(c.string(), maxItems+1) {
		found := groups(c.string(), places)
		if len(found) > 1 {
			out.items = append(out.items, &list{found[1:]})
		} else {
			out.items = append(out.items, found[0])
		}
	}
	return out
}

func split(c *call) any {
	most := 0
	if len(c.args) == 2 {
		most = c.int(1)
	}
	all := c.fields(most)
	for most == 0 && len(all) > 0 && all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	c.in.bounded(c.at, len(all))
	return textList(all)
}

var blanks = regexp.MustCompile(`[ \t\n\v\f\r]+`)

func (c *call) fields(most int) []string {
	s, n := c.string(), most
	if most <= 0 {
		n = -1
	}
	by := blanks
	switch separator := c.arg(0).(type) {
	case string:
		if separator == "" {
			unsupported(c.at, "", "split into characters is not supported")
		}
		if s != "" && separator != " " {
			return strings.SplitN(s, separator, n)
		}
		s = strings.TrimLeft(s, white)
	case *regex:
		by = separator.compiled
	default:
		s = strings.TrimLeft(s, white)
	}
	if by.NumSubexp() > 0 {
		unsupported(c.at, "", "split by a regular expression with groups is not supported")
	}
	if s == "" {
		return nil
	}
	return by.Split(s, n)
}

// translate is tr, for characters without ranges and ^.
func translate(c *call) any {
	from, to := []rune(c.text(0)), []rune(c.text(1))
	if len(from) > 1 && strings.ContainsAny(c.text(0)+c.text(1), `-^\`) {
		unsupported(c.at, "", "tr with a range of characters is not supported")
	}
	return strings.Map(func(r rune) rune {
		i := slices.Index(from, r)
		switch {
		case i < 0:
			return r
		case len(to) == 0:
			return -1
		}
		return to[min(i, len(to)-1)]
	}, c.string())
}
