package config

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"mrsk/internal/yamltree"
)

// passed returns the text of a value that goes to a container or to docker. As in Kamal, an unquoted integer is
// written in decimal. A decimal number is passed on as it is in the file, because 3.10 is often a version.
func (v value) passed() string {
	text, ok := v.text()
	if !ok {
		return ""
	}
	if form := shellForm.FindString(filledIn.ReplaceAllString(text, "")); form != "" {
		v.notice(Notice{Problem: yamltree.Problem{
			Text:   fmt.Sprintf("%s…} is passed on as it is: %s", form, whyNotFilledIn(form)),
			Advice: "compute the value in a template or in the app",
		}})
	}
	if number, is := decimal(text); is && !v.Quoted {
		return number
	}
	return text
}

// whyNotFilledIn returns why the host does not fill in a form of ${…} that has this beginning.
func whyNotFilledIn(form string) string {
	if strings.HasSuffix(form, ":-") {
		return "a default must end with } and must not contain $ { ` \" \\ or a line break"
	}
	return "the host fills in only ${NAME} and ${NAME:-default}"
}

// passedWords returns the texts of an array whose items go to a container or to docker.
func (v value) passedWords() []string {
	items, _ := v.array()
	var all []string
	for _, item := range items {
		if _, ok := item.word(); ok {
			all = append(all, item.passed())
		}
	}
	return all
}

// shellForm matches the beginning of a form of ${…} that only a shell evaluates.
var shellForm = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*(:?[-+?=]|[#%/^,@:])`)

// integers are the forms of integers in YAML 1.1 that are not decimal digits alone, with their bases.
var integers = []struct {
	form *regexp.Regexp
	base int
}{
	{regexp.MustCompile(`^([-+]?)([1-9][0-9]*(?:_[0-9]+)+|0)$`), 10},
	{regexp.MustCompile(`^(\+)([1-9][0-9]*)$`), 10},
	{regexp.MustCompile(`^([-+]?)0([0-7_]*[0-7])$`), 8},
	{regexp.MustCompile(`^([-+]?)0x([0-9a-fA-F_]*[0-9a-fA-F])$`), 16},
	{regexp.MustCompile(`^([-+]?)0b([01_]*[01])$`), 2},
}

// decimal returns an integer of YAML in decimal digits.
func decimal(text string) (string, bool) {
	for _, i := range integers {
		m := i.form.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		n, ok := new(big.Int).SetString(strings.ReplaceAll(m[2], "_", ""), i.base)
		if ok && m[1] == "-" {
			n.Neg(n)
		}
		if ok {
			return n.String(), true
		}
	}
	return "", false
}
