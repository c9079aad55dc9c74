# Every format of a document, read by somebody else's readers.
file(REMOVE_RECURSE ${OUT})
file(MAKE_DIRECTORY ${OUT})
execute_process(COMMAND ${RENDER} ${WHICH} ${OUT}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${PYTHON} ${CHECK} ${OUT} RESULT_VARIABLE code)
if(code EQUAL 77)
  message("a reader is not installed: SKIPPED")
elseif(NOT code EQUAL 0)
  message(FATAL_ERROR "the formats of ${WHICH}: ${code}")
endif()
