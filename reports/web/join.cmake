# Writes OUT: the FILES (a list) one behind the other.
file(WRITE ${OUT} "")
foreach(file IN LISTS FILES)
  file(READ ${file} text)
  file(APPEND ${OUT} "${text}")
endforeach()
