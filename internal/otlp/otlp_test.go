package otlp

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestAttributes_are_of_their_type(t *testing.T) {
	t.Parallel()
	all := append(Attributes("a", "text", "b", ""), Number("c", 1.5), Integer("d", 7), True("e"))
	text, err := json.Marshal(all)
	want := `[{"key":"a","value":{"stringValue":"text"}},{"key":"c","value":{"doubleValue":1.5}},{"key":"d","value":{"intValue":"7"}},{"key":"e","value":{"boolValue":true}}]`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
}

func TestPairs_reads_lists_of_the_environment(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"":                              "[]",
		"a=1":                           "[{a 1}]",
		" a = 1 , b=x=y,, c=%2C%20% 20": "error",
		" a = 1 , b=x=y,, c=%2C%20,d=":  "[{a 1} {b x=y} {c , } {d }]",
		"a":                             "error",
		"=s3cret":                       "error",
		"a=%zzs3cret":                   "error",
	} {
		got, err := Pairs(list)
		if want == "error" {
			if err == nil || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%q: %v, %v", list, got, err)
			}
			continue
		}
		if fmt.Sprint(got) != want || err != nil {
			t.Errorf("%q: %v, %v", list, got, err)
		}
	}
}
