package config

import (
	"fmt"
	"strconv"
	"strings"

	"mrsk/internal/yamltree"
)

// inspected returns a list as the text of Ruby's Array#inspect, because Kamal passes that to docker.
func (v value) inspected() string {
	items, _ := v.array()
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = item.inspectedItem()
	}
	text := "[" + strings.Join(words, ", ") + "]"
	v.notice(Notice{Problem: yamltree.Problem{Text: fmt.Sprintf("a list is taken as the text %s", clip(text)), Advice: "write a text"}})
	return text
}

func (v value) inspectedItem() string {
	_, isBool := v.Bool()
	_, isInt := v.Int()
	switch {
	case v.Kind != yamltree.Scalar:
		v.shouldBe("a string")
		return ""
	case v.Null:
		return "nil"
	case isBool || isInt:
		return v.Text
	}
	s, _ := v.text()
	return strconv.Quote(s)
}
