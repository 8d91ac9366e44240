package otlp

import (
	"fmt"
	"net/url"
	"strings"
)

// Pair is a name and its value.
type Pair struct{ Name, Value string }

// Pairs reads a list such as "a=1,b=2", in which values may have %XX. It is the form of OTEL_RESOURCE_ATTRIBUTES and
// OTEL_EXPORTER_OTLP_HEADERS. The error quotes nothing of the list, because values may be secrets.
func Pairs(list string) ([]Pair, error) {
	var all []Pair
	for i, entry := range strings.Split(list, ",") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		name, value, found := strings.Cut(entry, "=")
		name = strings.TrimSpace(name)
		plain, err := url.PathUnescape(strings.TrimSpace(value))
		if !found || name == "" || err != nil {
			return nil, fmt.Errorf("entry %d is not NAME=VALUE", i+1)
		}
		all = append(all, Pair{name, plain})
	}
	return all, nil
}
